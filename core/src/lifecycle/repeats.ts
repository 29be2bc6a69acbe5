import type { KernelLog } from '../log/log.ts';

/** What is done again and again until `stop`: never two at once of one kind, and a failure is logged once until it works again. */
export class Repeats {
  readonly #log: KernelLog;
  readonly #timers = new Set<NodeJS.Timeout>();
  #stopped = false;

  constructor(log: KernelLog) {
    this.#log = log;
  }

  every(ms: number, what: string, work: () => Promise<unknown>): void {
    let failing = false;
    const run = async (): Promise<void> => {
      try {
        await work();
        failing = false;
      } catch (error) {
        if (!failing && !this.#stopped) this.#log.warn(`${what} failed; trying on`, { error });
        failing = true;
      }
      turn();
    };
    const turn = (): void => this.once(ms, () => void run());
    turn();
  }

  once(ms: number, work: () => void): void {
    if (this.#stopped) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, ms).unref();
    this.#timers.add(timer);
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
  }
}
