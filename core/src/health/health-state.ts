import type { Readiness } from './readiness.ts';

/** What the parts of the kernel say of themselves; a check reads it and asks nobody. */
export class HealthState implements Readiness {
  readonly #failing = new Map<string, string>();
  #started = false;

  /** Every plugin of the plan was tried once. Never taken back. */
  setStarted(): void {
    this.#started = true;
  }

  /** `part`: 'database', 'jobs', 'plugin library'. `reason` in words; undefined: it is well again. */
  set(part: string, reason: string | undefined): void {
    if (reason === undefined) this.#failing.delete(part);
    else this.#failing.set(part, reason);
  }

  started(): boolean {
    return this.#started;
  }

  reasons(): readonly string[] {
    const reasons = [...this.#failing].map(([part, reason]) => `${part}: ${reason}`);
    return this.#started ? reasons : ['still starting', ...reasons];
  }
}
