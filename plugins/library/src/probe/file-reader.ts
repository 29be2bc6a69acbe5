import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** Bytes one file may cost: an index lies within a few MB; a file that wants more has none or is damaged. */
const BUDGET = 48 * 1024 * 1024;

/** A file wanted more reading than a probe may do. */
export class BudgetSpent extends Error {}

/** Reads pieces of one regular file, synchronously (its thread does nothing else) and only so many bytes. */
export class FileReader {
  readonly size: number;
  /** Bytes the file holds on disk; less than `size` where it is sparse. */
  readonly allocated: number;
  readonly isRegular: boolean;
  readonly #fd: number;
  #left = BUDGET;

  constructor(path: string) {
    // Without O_NONBLOCK a FIFO that nobody writes to would hold the thread in open().
    this.#fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = fstatSync(this.#fd);
    this.isRegular = stats.isFile();
    this.size = stats.size;
    this.allocated = Math.min(stats.size, stats.blocks * 512);
  }

  /** The bytes from `start` to before `end`, fewer where the file ends. */
  read(start: number, end: number): Uint8Array<ArrayBuffer> {
    const length = Math.max(0, Math.min(end, this.size) - start);
    this.#left -= length;
    if (this.#left < 0) throw new BudgetSpent(`Its index is not within the first ${BUDGET >> 20} MB read`);
    const bytes = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const count = readSync(this.#fd, bytes, done, length - done, start + done);
      if (count === 0) return bytes.subarray(0, done);
      done += count;
    }
    return bytes;
  }

  close(): void {
    closeSync(this.#fd);
  }
}
