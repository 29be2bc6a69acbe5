import type { JobHandler } from '@revenge/sdk';
import type { AuthContext } from '../auth-context.ts';
import type { contract } from '../contract.ts';
import type { AuthParts } from '../parts.ts';

/** Removes what nobody can use any more; running it twice is harmless. */
export const purgeExpired =
  ({ db, log }: AuthContext, { gauge }: AuthParts): JobHandler<typeof contract, 'purgeExpired'> =>
  async () => {
    await db.sql`delete from refresh_tokens where expires_at <= now()`;
    const gone = await db.sql`delete from sessions where expires_at <= now() returning id`;
    gauge.changed();
    if (gone.length > 0) log.info('Expired sessions were removed', { sessions: gone.length });
  };
