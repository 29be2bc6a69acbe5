import { CREDITS, STOP } from './walk-protocol.ts';
import type { WalkMessage, WalkOrder, WalkProblem } from './walk-protocol.ts';

/** A batch that is not full leaves after this many milliseconds, so that a slow disk still shows what it found. */
const PATIENCE = 200;

/** Collects what the thread finds and posts it in batches, waiting (asleep) while the reader is behind. */
export class BatchWriter {
  readonly #order: WalkOrder;
  readonly #post: (message: WalkMessage, transfer: readonly ArrayBuffer[]) => void;
  #paths: string[] = [];
  #sizes: Float64Array<ArrayBuffer>;
  #times: Float64Array<ArrayBuffer>;
  #kinds: Uint8Array<ArrayBuffer>;
  #problems: WalkProblem[] = [];
  #folders = 0;
  #since = performance.now();

  constructor(order: WalkOrder, post: (message: WalkMessage, transfer: readonly ArrayBuffer[]) => void) {
    this.#order = order;
    this.#post = post;
    this.#sizes = new Float64Array(order.batchSize);
    this.#times = new Float64Array(order.batchSize);
    this.#kinds = new Uint8Array(order.batchSize);
  }

  /** Whether the reader has gone: the thread should return. */
  get stopped(): boolean {
    return Atomics.load(this.#order.control, STOP) === 1;
  }

  /** `kind` is the index into `fileKinds`. */
  file(path: string, size: number, time: number, kind: number): void {
    const at = this.#paths.length;
    this.#paths.push(path);
    this.#sizes[at] = size;
    this.#times[at] = time;
    this.#kinds[at] = kind;
    if (at + 1 === this.#order.batchSize) this.flush();
  }

  problem(problem: WalkProblem): void {
    this.#problems.push(problem);
    if (this.#problems.length >= this.#order.batchSize) this.flush();
  }

  folder(): void {
    this.#folders++;
    if (performance.now() - this.#since > PATIENCE) this.flush();
  }

  flush(): void {
    const length = this.#paths.length;
    if (length === 0 && this.#problems.length === 0 && this.#folders === 0) return;
    this.#awaitCredit();
    if (this.stopped) return;
    const sizes = this.#sizes.slice(0, length);
    const times = this.#times.slice(0, length);
    const kinds = this.#kinds.slice(0, length);
    const batch = {
      paths: this.#paths.join('\0'),
      sizes,
      times,
      kinds,
      problems: this.#problems,
      folders: this.#folders,
    };
    this.#post({ batch }, [sizes.buffer, times.buffer, kinds.buffer]);
    this.#paths = [];
    this.#problems = [];
    this.#folders = 0;
    this.#since = performance.now();
  }

  #awaitCredit(): void {
    const { control } = this.#order;
    while (!this.stopped && Atomics.load(control, CREDITS) <= 0) Atomics.wait(control, CREDITS, 0);
    Atomics.sub(control, CREDITS, 1);
  }
}
