import { problem } from '@revenge/sdk';

/** Lets so many pieces of work run at once and so many wait; more is a 503, never a wrong answer. */
export class Slots {
  readonly #most: number;
  readonly #mayWait: number;
  readonly #waiting: (() => void)[] = [];
  #busy = 0;

  constructor(most: number, mayWait: number) {
    this.#most = most;
    this.#mayWait = mayWait;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#busy >= this.#most) {
      if (this.#waiting.length >= this.#mayWait)
        throw problem.unavailable('Too many sign-ins at this moment: try again in a few seconds.', '5s');
      // Whoever leaves hands the place on, so that nobody slips in between.
      await new Promise<void>((enter) => this.#waiting.push(enter));
    } else this.#busy++;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#busy--;
    }
  }
}
