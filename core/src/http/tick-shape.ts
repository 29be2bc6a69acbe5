import { executionAsyncResource } from 'node:async_hooks';

/**
 * Keeps the object behind one `process.nextTick` alive. V8 forgets the shape of objects of which none is left at a collection, and an idle server
 * has no such object: after a few collections `nextTick`, called eight times a request, has seen so many new shapes of the same thing that it
 * gives up on quick stores for the life of the process (2.5 µs a request, Node 20).
 */
export class TickShape {
  readonly #kept: object[] = [];

  /** Called again when async hooks may have come into use, as those add fields of their own. Keeps the first and the latest. */
  keep(): void {
    process.nextTick(() => {
      this.#kept[Math.min(this.#kept.length, 1)] = executionAsyncResource();
    });
  }
}
