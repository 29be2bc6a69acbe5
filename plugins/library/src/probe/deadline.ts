/** Fires with the caller's signal, or by itself when the time of one file is over. */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #from: AbortSignal;
  readonly #abort = (): void => this.#controller.abort();
  passed = false;

  constructor(from: AbortSignal, milliseconds: number) {
    this.#from = from;
    from.addEventListener('abort', this.#abort, { once: true });
    this.#timer = setTimeout(() => {
      this.passed = true;
      this.#controller.abort();
    }, milliseconds);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#from.removeEventListener('abort', this.#abort);
  }
}
