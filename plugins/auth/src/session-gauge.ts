import type { AuthContext } from './auth-context.ts';

/** revenge_sessions_active_total, counted in the table, so that it can drift from nothing: after each change here, and every 15 s. */
export class SessionGauge {
  readonly #ctx: AuthContext;
  #counting: Promise<void> | undefined;
  #again = false;

  constructor(ctx: AuthContext) {
    this.#ctx = ctx;
  }

  /** Counts soon, once for many changes. A count that fails is made good by the next. */
  changed(): void {
    if (this.#counting) {
      this.#again = true;
      return;
    }
    this.#counting = this.count()
      .catch((error: unknown) => this.#ctx.log.warn('auth: sessions could not be counted', { error }))
      .finally(() => {
        this.#counting = undefined;
        if (this.#again && !this.#ctx.signal.aborted) {
          this.#again = false;
          this.changed();
        }
      });
  }

  async count(): Promise<void> {
    const [row] = await this.#ctx.db.sql<{
      active: number;
    }>`select count(*)::int as active from sessions where expires_at > now()`;
    this.#ctx.metrics.sessionsActive.set(row?.active ?? 0);
  }

  /** Resolves when no count is under way. */
  async idle(): Promise<void> {
    while (this.#counting) await this.#counting;
  }
}
