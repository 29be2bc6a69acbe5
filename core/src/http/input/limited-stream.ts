import type { IncomingMessage } from 'node:http';
import { PassThrough, type Readable } from 'node:stream';
import { Problem } from '@revenge/sdk';
import { tooLarge } from './read-body.ts';

/** Milliseconds without a byte after which a streamed upload is given up. */
const IDLE_MS = 60_000;

/** A request's body as a stream that fails with a Problem when it exceeds `limit` bytes, stops coming, or ends early. */
export function limitedStream(req: IncomingMessage, limit: number | undefined): Readable {
  let size = 0;
  const out = new PassThrough({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.byteLength;
      idle.refresh();
      if (limit !== undefined && size > limit) done(tooLarge(limit));
      else done(undefined, chunk);
    },
  });
  const idle = setTimeout(
    () => out.destroy(new Problem(408, 'timeout', 'Request timeout', 'The body stopped coming.')),
    IDLE_MS,
  );
  idle.unref();
  // the request itself stays open so that the problem can be answered
  req.on('aborted', () => out.destroy(new Problem(400, 'aborted', 'Bad request', 'The body ended before its length.')));
  req.pipe(out);
  out.once('close', () => {
    clearTimeout(idle);
    req.unpipe(out);
  });
  out.on('error', () => req.pause());
  return out;
}
