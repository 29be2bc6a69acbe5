import type { IncomingMessage } from 'node:http';

export interface Credential {
  readonly scheme: 'bearer' | 'api-key';
  readonly secret: string;
}

/** Longer than any token of ours; what is longer is no credential and costs nobody a look-up. */
const LONGEST = 8_192;

/** What the caller shows. With both, the bearer token decides. */
export function credentialOf(req: IncomingMessage): Credential | undefined {
  const { authorization } = req.headers;
  if (
    authorization !== undefined &&
    authorization.length > 7 &&
    authorization.length <= LONGEST &&
    isBearer(authorization)
  )
    return { scheme: 'bearer', secret: authorization.slice(7).trim() };
  const key = req.headers['x-api-key'];
  if (typeof key === 'string' && key !== '' && key.length <= LONGEST) return { scheme: 'api-key', secret: key };
  return undefined;
}

const isBearer = (header: string): boolean =>
  header.startsWith('Bearer ') || header.slice(0, 7).toLowerCase() === 'bearer ';

/** The password of `Authorization: Basic`, where senders of webhooks put their secret. */
export function basicPassword(req: IncomingMessage): string | undefined {
  const { authorization = '' } = req.headers;
  if (authorization.slice(0, 6).toLowerCase() !== 'basic ') return undefined;
  const pair = Buffer.from(authorization.slice(6), 'base64').toString('utf8');
  const at = pair.indexOf(':');
  return at < 0 ? undefined : pair.slice(at + 1);
}
