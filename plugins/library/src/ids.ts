import { randomUUID } from 'node:crypto';

/** Makes UUIDv7s that grow: by the millisecond, and within one by counting up, so that what a batch adds keeps its order. */
export class Ids {
  readonly #now: () => number;
  #last = 0;
  #count = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  next(): string {
    const now = this.#now();
    if (now > this.#last) {
      this.#last = now;
      this.#count = 0;
    } else if (++this.#count > 0xfff) {
      // 4,096 in one millisecond: borrow from the next one.
      this.#last++;
      this.#count = 0;
    }
    const time = this.#last.toString(16).padStart(12, '0');
    // The second half of a v4 is what a v7 has there: the variant and 62 random bits.
    return `${time.slice(0, 8)}-${time.slice(8)}-7${this.#count.toString(16).padStart(3, '0')}-${randomUUID().slice(19)}`;
  }
}
