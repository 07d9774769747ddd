/** The modules of the engine, by whatever names a runtime finds them. */

export interface Engine {
  readonly core: typeof import("stomp-engine");
  readonly webSocket: typeof import("stomp-engine/websocket");
  readonly testing: typeof import("stomp-engine/testing");
}

/** @param locate The specifier to import for an entry point of the package, as "." or "./testing". */
export async function loadEngine(locate: (entry: string) => string): Promise<Engine> {
  return {
    core: await import(locate(".")),
    webSocket: await import(locate("./websocket")),
    testing: await import(locate("./testing")),
  };
}
