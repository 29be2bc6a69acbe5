export interface Part {
  readonly start: number;
  /** Included. */
  readonly end: number;
}

/**
 * What a Range header asks of `size` bytes. 'whole': none, one we do not read, or several at once (RFC 9110, 14.2 lets a server ignore them;
 * players ask for one). 'unsatisfiable': 416.
 */
export function rangeOf(header: string | undefined, size: number): Part | 'whole' | 'unsatisfiable' {
  if (header === undefined) return 'whole';
  const match = /^bytes=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header);
  if (!match) return 'whole';
  const [, from = '', to = ''] = match;
  if (from === '' && to === '') return 'whole';
  if (from === '') {
    const last = Number(to);
    return last === 0 || size === 0 ? 'unsatisfiable' : { start: Math.max(0, size - last), end: size - 1 };
  }
  const start = Number(from);
  const end = to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (to !== '' && Number(to) < start) return 'whole';
  return start >= size ? 'unsatisfiable' : { start, end };
}

/** If-Range: a part only of what the client has already. A weak tag never matches. */
export function rangeStillHolds(
  ifRange: string | undefined,
  etag: string | undefined,
  lastModified: Date | undefined,
): boolean {
  if (ifRange === undefined) return true;
  if (ifRange.includes('"')) return etag !== undefined && !etag.startsWith('W/') && ifRange.trim() === etag;
  return lastModified !== undefined && Math.floor(lastModified.getTime() / 1_000) * 1_000 === Date.parse(ifRange);
}
