const CHUNK_BITS = 65_536;

/** A set of whole numbers at one bit each: which of a million files were seen costs 125 kB. */
export class NumberSet {
  readonly #chunks = new Map<number, Uint8Array>();

  add(number: number): void {
    const key = Math.floor(number / CHUNK_BITS);
    const bit = number % CHUNK_BITS;
    let chunk = this.#chunks.get(key);
    if (chunk === undefined) this.#chunks.set(key, (chunk = new Uint8Array(CHUNK_BITS / 8)));
    chunk[bit >> 3] = (chunk[bit >> 3] ?? 0) | (1 << (bit & 7));
  }

  has(number: number): boolean {
    const bit = number % CHUNK_BITS;
    return (((this.#chunks.get(Math.floor(number / CHUNK_BITS))?.[bit >> 3] ?? 0) >> (bit & 7)) & 1) === 1;
  }
}
