import { setImmediate } from 'node:timers/promises';

/** Says what keeps the process alive that did not at the beginning. */
export interface LeakWatch {
  /** 'Timeout × 2', 'TCPServerWrap × 1': empty when all that was started is stopped. What is closing gets half a second. */
  left(): Promise<readonly string[]>;
}

// Of the process itself, not of what a plugin started.
const OURS = new Set(['TTYWrap', 'PipeWrap', 'FSReqPromise', 'CloseReq', 'TickObject', 'Immediate', 'MessagePort']);

function count(): Map<string, number> {
  const kinds = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) if (!OURS.has(kind)) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  return kinds;
}

/** Counts timers, servers, sockets and watchers now; `left` tells what has come since. Call it before the plugin starts. */
export function watchLeaks(): LeakWatch {
  const before = count();
  const more = (): string[] =>
    [...count()]
      .map(([kind, now]) => [kind, now - (before.get(kind) ?? 0)] as const)
      .filter(([, added]) => added > 0)
      .map(([kind, added]) => `${kind} × ${added}`)
      .sort();
  return {
    left: async () => {
      const end = performance.now() + 500;
      while (more().length && performance.now() < end) await setImmediate();
      return more();
    },
  };
}
