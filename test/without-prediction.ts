/** Setup of the project that runs the whole suite once more, without what only makes it faster. */

import { setPrediction } from "../src/protocol/prediction.ts";

setPrediction(false);
