import { setMaxListeners } from 'node:events';

/**
 * Aborts with the first of its sources. By hand, as AbortSignal.any keeps something of every request on a long-lived source until Node 22.
 * Sources know it weakly: a body that is never read to its end is collected, and takes its listeners with it.
 */
export class CallSignal {
  readonly #controller = new AbortController();
  readonly #ends: (() => void)[] = [];

  constructor(sources: readonly (AbortSignal | null | undefined)[]) {
    const weak = new WeakRef(this.#controller);
    for (const source of sources) {
      if (!source) continue;
      setMaxListeners(0, source); // as many as there are requests under way: no sign of a leak
      if (source.aborted) this.#controller.abort(source.reason);
      const pass = (): void => weak.deref()?.abort(source.reason);
      source.addEventListener('abort', pass, { once: true });
      this.#ends.push(() => source.removeEventListener('abort', pass));
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Lets the sources go; needed once, when the call is over. */
  get end(): () => void {
    const ends = this.#ends;
    return () => ends.splice(0).forEach((end) => end());
  }
}

/** Keeps a call's signal for as long as the body it may still abort. */
export class OpenBodies {
  readonly #signals = new WeakMap<object, CallSignal>();
  readonly #collected = new FinalizationRegistry<() => void>((end) => end());

  keep(body: object | null, call: CallSignal): void {
    if (!body) return call.end();
    this.#signals.set(body, call);
    this.#collected.register(body, call.end);
  }
}
