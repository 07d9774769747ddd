/** The page: runs the checks, then has a worker run them, and shows what becomes of each. */

import { runInBrowser } from "./browser.ts";

interface Element {
  textContent: string | null;
  append(child: Element): void;
}
declare const document: {
  readonly body: Element;
  createElement(name: string): Element;
};
declare const location: { readonly href: string };
declare const Worker: new (
  url: string,
  options: { type: "module" },
) => {
  onmessage: (event: { readonly data: string }) => void;
  onerror: (event: { readonly message: string }) => void;
  postMessage(data: string): void;
};

const base = new URL("./", location.href).href;

await runInBrowser(base, "page", list("In the page"));

const show = list("In a worker");
const worker = new Worker(`${base}interop/runtimes/worker.js`, { type: "module" });
worker.onmessage = ({ data }) => show(data);
worker.onerror = ({ message }) => {
  // So that it counts as an error of the page.
  throw new Error(`worker: ${message}`);
};
worker.postMessage(base);

function list(heading: string): (line: string) => void {
  add(document.body, "h2", heading);
  const items = add(document.body, "ol", "");
  return (line) => add(items, "li", line);
}

function add(parent: Element, name: string, text: string): Element {
  const element = document.createElement(name);
  element.textContent = text;
  parent.append(element);
  return element;
}
