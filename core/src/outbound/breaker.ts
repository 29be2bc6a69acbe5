export type BreakerState = 'closed' | 'half-open' | 'open';

/** Failures in a row that open a breaker. */
const FAILURES = 5;
/** How long it stays open before one request may try. Milliseconds. */
const OPEN_FOR = 30_000;

/** Stops asking a host that only fails: open after five failures in a row, then one request at a time tries whether it is back. */
export class Breaker {
  #failures = 0;
  #openUntil = 0;
  #open = false;
  #probing = false;

  constructor(readonly now: () => number) {}

  get state(): BreakerState {
    if (!this.#open) return 'closed';
    return this.#probing || this.now() >= this.#openUntil ? 'half-open' : 'open';
  }

  /** Failures since the last success. */
  get failures(): number {
    return this.#failures;
  }

  /** Milliseconds until this host may be asked again; 0: ask now, and tell the end by one of the three below. */
  enter(): number {
    if (!this.#open) return 0;
    const wait = this.#openUntil - this.now();
    if (this.#probing) return Math.max(wait, 1_000);
    if (wait > 0) return wait;
    this.#probing = true;
    return 0;
  }

  /** true: it was open and is closed now. */
  succeeded(): boolean {
    const reopened = this.#open;
    this.#open = this.#probing = false;
    this.#failures = 0;
    return reopened;
  }

  /** true: this failure opened it, and it was closed before. */
  failed(): boolean {
    this.#failures += 1;
    const wasClosed = !this.#open;
    // A late failure of a request from before the opening must not prolong it: only a probe or the closed state does.
    if (this.#probing || (wasClosed && this.#failures >= FAILURES)) {
      this.#open = true;
      this.#openUntil = this.now() + OPEN_FOR;
    }
    this.#probing = false;
    return wasClosed && this.#open;
  }

  /** The caller gave up: that says nothing about the host. */
  abandoned(): void {
    this.#probing = false;
  }
}
