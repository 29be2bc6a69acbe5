import { createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import type { AuthContext } from './auth-context.ts';

/** What this installation signs and derives with: made at the first start, the same on every node, never logged. */
export interface Keys {
  readonly kid: string;
  /** Access tokens are signed and checked here alone, so one secret does (HS256, RFC 7518 3.2); Node before 23 calls Ed25519 experimental. */
  readonly accessKey: KeyObject;
  /** From it and a refresh token its successor is derived. */
  readonly refreshKey: Buffer;
}

/** Two nodes that start at once end up with the same keys: the first row stays. */
export async function loadKeys(db: AuthContext['db']): Promise<Keys> {
  await db.sql`insert into keys (purpose, material)
    values ('access-token', ${randomBytes(64)}), ('refresh-token', ${randomBytes(32)}) on conflict (purpose) do nothing`;
  const rows = await db.sql<{ purpose: string; material: Buffer }>`select purpose, material from keys`;
  const material = (purpose: string): Buffer => {
    const found = rows.find((row) => row.purpose === purpose)?.material;
    if (!found || found.length < 32)
      throw new Error(`auth: the key '${purpose}' in the table keys is missing or short`);
    return found;
  };
  const secret = material('access-token');
  const kid = createHmac('sha256', secret).update('kid').digest('base64url').slice(0, 16);
  return { kid, accessKey: createSecretKey(secret), refreshKey: material('refresh-token') };
}
