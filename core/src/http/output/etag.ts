import { hash } from 'node:crypto';

/** Characters up to which a hash of our own is quicker than the call to OpenSSL. */
const SHORT = 1_024;

/** Weak, as the same JSON may leave compressed or not. */
export function weakEtag(body: string): string {
  return `W/"${body.length <= SHORT ? quickHash(body) : hash('sha1', body, 'base64url')}"`;
}

/** 64 bits (two lanes of multiplications, mixed as Murmur3 does at the end): enough to tell one version of a document from the next. */
function quickHash(text: string): string {
  let a = 0xdeadbeef ^ text.length;
  let b = 0x41c6ce57 ^ text.length;
  for (let i = 0; i < text.length; i += 2) {
    // two characters a step; beyond the end it is NaN, which counts as 0
    const two = text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16);
    a = Math.imul(a ^ two, 0x9e3779b1);
    b = Math.imul(b ^ two, 0x5f356495);
    a = (a << 13) | (a >>> 19);
    b = (b << 17) | (b >>> 15);
  }
  a = mixed(a ^ b);
  b = mixed(b ^ Math.imul(a, 0x85ebca6b));
  return (a >>> 0).toString(36) + '-' + (b >>> 0).toString(36);
}

function mixed(value: number): number {
  let h = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** As handlers may write it without quotes. */
export const quoted = (etag: string): string => (/^(?:W\/)?".*"$/.test(etag) ? etag : `"${etag}"`);

/** Does one of the listed tags name this one? Weak comparison. */
export function matchesEtag(listed: string, etag: string): boolean {
  if (listed.trim() === '*') return true;
  const bare = etag.replace(/^W\//, '');
  return listed.split(',').some((one) => one.trim().replace(/^W\//, '') === bare);
}
