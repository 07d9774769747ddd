/** Debian's Chromium with the page of the checks open. */

import { existsSync } from "node:fs";
import { chromium } from "playwright-core";
import { removeFolder, temporaryFolder } from "../process.ts";
import { reasonOf } from "../report.ts";

const CHROMIUM = "/usr/bin/chromium";
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const chromiumInstalled = (): boolean => existsSync(CHROMIUM);

/** An open page. */
export interface Browser {
  readonly version: string;
  /** What it had to complain of: errors of scripts, and all that its console calls an error. */
  readonly complaints: readonly string[];
  visit(url: string): Promise<void>;
  /** A picture of the page as it is now. */
  photograph(path: string): Promise<void>;
  close(): Promise<void>;
}

export async function startChromium(): Promise<Browser> {
  const folder = await temporaryFolder("stomp-chromium-");
  try {
    const context = await chromium.launchPersistentContext(folder, {
      executablePath: CHROMIUM,
      args: FLAGS,
      chromiumSandbox: false,
      // Whoever started it stops everything, in order.
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(reasonOf(error)));
    page.on("crash", () => complaints.push("the page crashed"));
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    return {
      version: context.browser()?.version() ?? "of unknown version",
      complaints,
      visit: async (url) => void (await page.goto(url)),
      photograph: async (path) => void (await page.screenshot({ path, fullPage: true })),
      async close() {
        await context.close();
        await removeFolder(folder);
      },
    };
  } catch (error) {
    await removeFolder(folder);
    throw error;
  }
}
