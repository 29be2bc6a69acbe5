import type { Worker } from 'node:worker_threads';

/** A thread's messages as an async iteration that fails when the thread fails and when the signal fires. */
export class MessageQueue<T> implements AsyncIterable<T> {
  readonly #waiting: T[] = [];
  readonly #signal: AbortSignal;
  #failure: { readonly reason: unknown } | undefined;
  #ended = false;
  #wake: () => void = () => undefined;
  readonly #abort = (): void => this.#fail(this.#signal.reason);

  constructor(worker: Worker, signal: AbortSignal) {
    this.#signal = signal;
    worker.on('message', (message: T) => {
      this.#waiting.push(message);
      this.#wake();
    });
    worker.on('error', (error) => this.#fail(error));
    worker.on('exit', (code) => this.#fail(new Error(`The thread ended with code ${code} before its work was done`)));
    signal.addEventListener('abort', this.#abort, { once: true });
  }

  /** Lets go of the signal; what still arrives is dropped. */
  end(): void {
    this.#ended = true;
    this.#waiting.length = 0;
    this.#signal.removeEventListener('abort', this.#abort);
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    while (!this.#ended) {
      this.#signal.throwIfAborted();
      const next = this.#waiting.shift();
      if (next !== undefined) yield next;
      else if (this.#failure !== undefined) throw this.#failure.reason;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #fail(reason: unknown): void {
    this.#failure ??= { reason };
    this.#wake();
  }
}
