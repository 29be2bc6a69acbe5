import type { TimeSource } from '../lifecycle/time-source.ts';

/** Time that stands until it is advanced; what falls due runs in order, with everything it awaits in between. */
export class TestTime implements TimeSource {
  #now: number;
  #due: { readonly at: number; readonly work: () => void }[] = [];
  constructor(start: Date) {
    this.#now = start.getTime();
  }
  now(): Date {
    return new Date(this.#now);
  }
  after(ms: number, work: () => void): () => void {
    const entry = { at: this.#now + ms, work };
    this.#due.push(entry);
    return () => {
      this.#due = this.#due.filter((other) => other !== entry);
    };
  }
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    for (;;) {
      const next = this.#due.filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#due = this.#due.filter((entry) => entry !== next);
      this.#now = Math.max(this.#now, next.at);
      next.work();
      await new Promise((turn) => setImmediate(turn));
    }
    this.#now = until;
  }
}
