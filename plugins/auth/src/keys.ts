import { createPrivateKey, createPublicKey, generateKeyPairSync, hash, type KeyObject, randomBytes } from 'node:crypto';
import type { AuthContext } from './auth-context.ts';

/** What this installation signs and derives with: made at the first start, the same on every node, never logged. */
export interface Keys {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** From it and a refresh token its successor is derived. */
  readonly refreshKey: Buffer;
}

/** Two nodes that start at once end up with the same keys: the first row stays. */
export async function loadKeys(db: AuthContext['db']): Promise<Keys> {
  const fresh = generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' });
  await db.sql`insert into keys (purpose, material)
    values ('access-token', ${fresh}), ('refresh-token', ${randomBytes(32)}) on conflict (purpose) do nothing`;
  const rows = await db.sql<{ purpose: string; material: Buffer }>`select purpose, material from keys`;
  const material = (purpose: string): Buffer => {
    const found = rows.find((row) => row.purpose === purpose)?.material;
    if (!found || found.length < 32)
      throw new Error(`auth: the key '${purpose}' in the table keys is missing or short`);
    return found;
  };
  const privateKey = createPrivateKey({ key: material('access-token'), format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey);
  const kid = hash('sha256', publicKey.export({ format: 'der', type: 'spki' }), 'base64url').slice(0, 16);
  return { kid, privateKey, publicKey, refreshKey: material('refresh-token') };
}
