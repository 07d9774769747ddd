/** The same in a dedicated worker that is a module; what comes of it goes to the page too. */

import { runInBrowser } from "./browser.ts";

declare const self: {
  onmessage: (event: { readonly data: string }) => void;
  postMessage(line: string): void;
};

self.onmessage = ({ data: base }) => {
  void runInBrowser(base, "worker", (line) => self.postMessage(line));
};
