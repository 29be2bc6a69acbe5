import type { ReplyInit } from '@revenge/sdk';
import type { Exchange } from '../exchange.ts';
import { type AnswerPlan, appendInit, hasHeader, isRead, notModified } from './answer.ts';
import { codingFor, compressed } from './compress.ts';
import { quoted, weakEtag } from './etag.ts';

/** JSON or another text: ETag, 304 and compression are made here. */
export function writeText(
  x: Exchange,
  plan: AnswerPlan,
  text: string,
  type: string,
  status: number,
  init: ReplyInit | undefined,
): void | Promise<void> {
  const headers = x.headers();
  const cacheable = status === 200 && isRead(x);
  const etag = init?.etag !== undefined ? quoted(init.etag) : cacheable ? weakEtag(text) : undefined;
  appendInit(x, plan, status, init, headers);
  headers.push('vary', x.scope.cors.varies ? 'accept-encoding, origin' : 'accept-encoding');
  if (etag !== undefined) headers.push('etag', etag);
  if (cacheable && notModified(x, etag, init?.lastModified)) {
    x.send(304, headers, undefined);
    return;
  }
  if (!hasHeader(init, 'content-type')) headers.push('content-type', type);
  const accept = x.req.headers['accept-encoding'];
  const coding = accept === undefined ? undefined : codingFor(accept, text.length);
  if (!coding) {
    x.send(status, headers, text);
    return;
  }
  headers.push('content-encoding', coding);
  return compressed(text, coding).then((bytes) => x.send(status, headers, bytes));
}
