/** What was started, in order; ended in reverse. One end that fails does not keep the others from running. */
export class Disposer {
  readonly #ends: (() => void | Promise<void>)[] = [];

  add(end: () => void | Promise<void>): void {
    this.#ends.push(end);
  }

  /** Rejects with an AggregateError of what failed, after everything was tried. */
  async dispose(): Promise<void> {
    const failures: unknown[] = [];
    for (let end = this.#ends.pop(); end; end = this.#ends.pop()) {
      try {
        await end();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length) throw new AggregateError(failures, `${failures.length} parts did not stop cleanly`);
  }
}
