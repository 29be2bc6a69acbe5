import type { IncomingMessage } from 'node:http';
import { Problem } from '@revenge/sdk';

/** Milliseconds within which a body that is held in memory must be there: a trickle of bytes holds no memory and no slot for longer. */
const BODY_MS = 60_000;

export const tooLarge = (limit: number): Problem =>
  new Problem(413, 'too-large', 'Body too large', `The body is larger than the ${limit} bytes this route takes.`);
export const clientGone = (): Problem =>
  new Problem(400, 'aborted', 'Bad request', 'The body ended before its length.');

/** The media type alone, lower case; '' where none was given. */
export function mediaType(req: IncomingMessage): string {
  const type = req.headers['content-type'];
  if (type === undefined) return '';
  const end = type.indexOf(';');
  return (end < 0 ? type : type.slice(0, end)).trim().toLowerCase();
}

export function refuseLength(req: IncomingMessage, limit: number): void {
  if (Number(req.headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
}

/** The whole body in memory, at most `limit` bytes of it. */
export function readBody(req: IncomingMessage, limit: number): Promise<Buffer> {
  refuseLength(req, limit);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const late = setTimeout(
      () => end(new Problem(408, 'timeout', 'Request timeout', 'The body came too slowly.')),
      BODY_MS,
    );
    late.unref();
    const end = (error?: Error): void => {
      clearTimeout(late);
      req.off('data', take).off('end', done).off('error', gone).off('close', gone);
      if (error) {
        req.pause();
        reject(error);
      } else resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size));
    };
    const take = (chunk: Buffer): void => {
      size += chunk.byteLength;
      if (size > limit) end(tooLarge(limit));
      else chunks.push(chunk);
    };
    const done = (): void => end();
    const gone = (): void => end(clientGone());
    req.on('data', take).on('end', done).on('error', gone).on('close', gone);
  });
}
