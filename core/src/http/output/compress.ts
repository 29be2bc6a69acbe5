import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

// zlib's own threads do the work: the event loop only hands over
const gzipAsync = promisify(gzip);
const brotliAsync = promisify(brotliCompress);

/** Bytes below which compressing costs more than it saves. */
const WORTH = 1_024;

export type Coding = 'br' | 'gzip';

/** The coding a client prefers among ours; undefined: none, or not worth it. */
export function codingFor(accept: string | undefined, length: number): Coding | undefined {
  if (accept === undefined || length < WORTH) return undefined;
  const quality = new Map<string, number>();
  for (const part of accept.toLowerCase().split(',')) {
    const [name = '', ...rest] = part.trim().split(';');
    const q = rest.map((r) => /^\s*q=([\d.]+)$/.exec(r)?.[1]).find((v) => v !== undefined);
    quality.set(name.trim(), q === undefined ? 1 : Number(q));
  }
  const of = (name: string): number => quality.get(name) ?? quality.get('*') ?? 0;
  const [br, gz] = [of('br'), of('gzip')];
  if (br <= 0 && gz <= 0) return undefined;
  return br >= gz ? 'br' : 'gzip';
}

export function compressed(body: string, coding: Coding): Promise<Buffer> {
  if (coding === 'gzip') return gzipAsync(body, { level: 6 });
  return brotliAsync(body, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT },
  });
}
