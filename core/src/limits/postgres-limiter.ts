import { createHash } from 'node:crypto';
import type { Limit, Limiter } from '@revenge/sdk';
import type { CoreDatabase } from '../database/database.ts';
import { instanceKey, type InstanceRef } from '../lifecycle/attribution.ts';
import type { RateLimits, Taken } from '../access/access-control.ts';
import { limitParts } from '../lifecycle/duration.ts';
import type { KernelLog } from '../log/log.ts';

/** Milliseconds between removals of windows that are over. */
const SWEEP_MS = 60_000;
const SWEEP_ROWS = 10_000;

/** A window begins with its first hit, and what is refused does not lengthen it. The database's clock is the one that counts. */
const HIT = `
  INSERT INTO core.limits AS l (key, hits, until) VALUES ($1, 1, now() + $2 * interval '1 millisecond')
  ON CONFLICT (key) DO UPDATE SET
    hits = CASE WHEN l.until <= now() THEN 1 ELSE least(l.hits + 1, $3 + 1) END,
    until = CASE WHEN l.until <= now() THEN excluded.until ELSE l.until END
  RETURNING hits, extract(epoch FROM until - now())::float8 AS seconds`;

/** Counts in one row of one table, over all nodes, in one statement. */
export class PostgresLimits implements RateLimits {
  constructor(
    readonly database: CoreDatabase,
    readonly log: KernelLog,
  ) {}

  /** ctx.limiter of one instance: its keys are its own. */
  open(ref: InstanceRef): Limiter {
    return {
      take: async (key, limit) => (await this.hit(ref, key, limit)).allowed,
      reset: async (key) => {
        await this.database.execute('DELETE FROM core.limits WHERE key = $1', [keyOf(ref, key)]);
      },
    };
  }

  async hit(ref: InstanceRef, key: string, limit: Limit): Promise<Taken> {
    const { count, window } = limitParts(limit);
    const rows = await this.database.query<{ hits: number; seconds: number }>(
      HIT,
      [keyOf(ref, key), window, count],
      'core-limits-hit',
    );
    const [row] = rows;
    if (!row) throw new Error('core.limits: the upsert returned no row');
    return { allowed: row.hits <= count, retryAfter: Math.max(1, Math.ceil(row.seconds)) };
  }

  /** Removes windows that are over, a slice at a time. Two nodes that sweep at once skip each other's rows. */
  async sweep(): Promise<number> {
    let removed = 0;
    for (let slice = SWEEP_ROWS; slice === SWEEP_ROWS; removed += slice)
      slice = await this.database.execute(
        `DELETE FROM core.limits WHERE key IN
           (SELECT key FROM core.limits WHERE until < now() ORDER BY until LIMIT ${SWEEP_ROWS} FOR UPDATE SKIP LOCKED)`,
      );
    return removed;
  }

  /** Sweeps from time to time. The answer ends it. */
  start(): () => void {
    const timer = setInterval(() => {
      this.sweep().catch((error: unknown) =>
        this.log.warn('old rate limits were not removed', { error: String(error) }),
      );
    }, SWEEP_MS);
    timer.unref();
    return () => clearInterval(timer);
  }
}

/** Hashed: keys hold e-mail and network addresses, which need not be kept, and have no bound. */
const keyOf = (ref: InstanceRef, key: string): Buffer =>
  createHash('sha256').update(instanceKey(ref)).update('\0').update(key).digest();
