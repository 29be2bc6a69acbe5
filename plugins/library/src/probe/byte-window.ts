import type { FileReader } from './file-reader.ts';

/** Bytes read at a time; a header of a few hundred bytes then costs one call. */
const SPAN = 16 * 1024;

/** Small reads at any place of a file, out of one window of it. */
export class ByteWindow {
  readonly size: number;
  readonly #reader: FileReader;
  #start = 0;
  #bytes: Uint8Array = new Uint8Array();

  constructor(reader: FileReader) {
    this.#reader = reader;
    this.size = reader.size;
  }

  /** `length` bytes at `at`; throws where the file ends before them. */
  bytes(at: number, length: number): Uint8Array {
    if (at < this.#start || at + length > this.#start + this.#bytes.length) {
      this.#bytes = this.#reader.read(at, at + Math.max(length, SPAN));
      this.#start = at;
    }
    const from = at - this.#start;
    if (from + length > this.#bytes.length) throw new Error('The file ends in the middle of its header');
    return this.#bytes.subarray(from, from + length);
  }

  /** An unsigned number of up to 8 bytes, big end first. */
  uint(at: number, length: number): number {
    let value = 0;
    for (const byte of this.bytes(at, length)) value = value * 256 + byte;
    return value;
  }

  text(at: number, length: number): string {
    return new TextDecoder().decode(this.bytes(at, length)).replace(/\0+$/, '');
  }
}
