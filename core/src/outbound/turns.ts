import type { Limit, Limiter } from '@revenge/sdk';
import { limitParts } from '../lifecycle/duration.ts';
import { sleep } from './sleep.ts';

/** First come, first served, at most `most` at once. */
export class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];
  constructor(most: number) {
    this.#free = Math.max(1, Math.floor(most));
  }

  /** The answer gives the slot back. Rejects with the signal's reason while it waits. */
  async take(signal: AbortSignal): Promise<() => void> {
    if (this.#free > 0) this.#free -= 1;
    else await this.#turn(signal);
    let given = false;
    return () => {
      if (given) return;
      given = true;
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    };
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const gone = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(turn), 1);
        reject(signal.reason as Error); // an AbortSignal's reason is what its owner gave
      };
      const turn = (): void => {
        signal.removeEventListener('abort', gone);
        resolve();
      };
      if (signal.aborted) return reject(signal.reason as Error);
      signal.addEventListener('abort', gone, { once: true });
      this.#waiting.push(turn);
    });
  }
}

/** A rate counted over all nodes. On this node one caller asks at a time, so that a long queue does not hammer the counter. */
export class Rate {
  readonly #line = new Slots(1);
  readonly #pause: number;
  constructor(
    readonly limiter: Limiter,
    readonly key: string,
    readonly limit: Limit,
    readonly random: () => number,
  ) {
    const { count, window } = limitParts(limit);
    this.#pause = Math.min(5_000, Math.max(20, window / count));
  }

  async turn(signal: AbortSignal): Promise<void> {
    const done = await this.#line.take(signal);
    try {
      while (!(await this.limiter.take(this.key, this.limit))) {
        await sleep(this.#pause * (0.5 + this.random()), signal);
      }
    } finally {
      done();
    }
  }
}
