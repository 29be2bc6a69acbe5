import { createHook } from 'node:async_hooks';
import { setImmediate } from 'node:timers/promises';

/** Says what was started since and is not stopped. */
export interface LeakWatch {
  /** 'server × 1', 'timer × 2': empty when all that was started is stopped. What is closing gets half a second. */
  left(): Promise<readonly string[]>;
  /** Ends the watch. */
  stop(): void;
}

/** Node's names of what keeps running by itself; promises, DNS and file reads end on their own. */
const KINDS: Readonly<Record<string, string>> = {
  Timeout: 'timer',
  TCPSERVERWRAP: 'server',
  TCPWRAP: 'socket',
  PIPESERVERWRAP: 'server',
  PIPEWRAP: 'pipe',
  UDPWRAP: 'socket',
  FSEVENTWRAP: 'watcher',
  STATWATCHER: 'watcher',
  PROCESSWRAP: 'process',
  WORKER: 'worker',
};

/** Counts timers, servers, sockets, watchers, processes and workers started from now on. Call it before the plugin starts. */
export function watchLeaks(): LeakWatch {
  const open = new Map<number, string>();
  const hook = createHook({
    init(id, type) {
      const kind = KINDS[type];
      if (kind) open.set(id, kind);
    },
    destroy(id) {
      open.delete(id);
    },
  }).enable();
  return {
    left: async () => {
      const end = performance.now() + 500;
      while (open.size && performance.now() < end) await setImmediate();
      const kinds = new Map<string, number>();
      for (const kind of open.values()) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      return [...kinds].map(([kind, n]) => `${kind} × ${n}`).sort();
    },
    stop: () => void hook.disable(),
  };
}
