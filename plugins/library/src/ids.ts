import { randomFillSync } from 'node:crypto';

/** Makes UUIDv7s that grow: by the millisecond, and within one by counting up, so that what a batch adds keeps its order. */
export class Ids {
  readonly #now: () => number;
  readonly #bytes = new Uint8Array(16);
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
    randomFillSync(this.#bytes, 8);
    const bytes = this.#bytes;
    bytes.set([0x70 | (this.#count >> 8), this.#count & 0xff, 0x80 | ((bytes[8] ?? 0) & 0x3f)], 6);
    const random = Buffer.from(bytes.buffer, 6).toString('hex');
    const time = this.#last.toString(16).padStart(12, '0');
    return `${time.slice(0, 8)}-${time.slice(8)}-${random.slice(0, 4)}-${random.slice(4, 8)}-${random.slice(8)}`;
  }
}
