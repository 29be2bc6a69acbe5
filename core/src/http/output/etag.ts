import { hash } from 'node:crypto';

/** Weak, as the same JSON may leave compressed or not. */
export function weakEtag(body: string): string {
  return `W/"${hash('sha1', body, 'base64url')}"`;
}

/** As handlers may write it without quotes. */
export const quoted = (etag: string): string => (/^(?:W\/)?".*"$/.test(etag) ? etag : `"${etag}"`);

/** Does one of the listed tags name this one? Weak comparison. */
export function matchesEtag(listed: string, etag: string): boolean {
  if (listed.trim() === '*') return true;
  const bare = etag.replace(/^W\//, '');
  return listed.split(',').some((one) => one.trim().replace(/^W\//, '') === bare);
}
