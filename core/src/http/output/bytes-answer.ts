import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isUint8Array } from 'node:util/types';
import { type FileBody, problem, Problem, type ReplyInit, type TypedBytes } from '@revenge/sdk';
import type { Exchange } from '../exchange.ts';
import { BadAnswer } from '../problem-answer.ts';
import { DATA_POLICY } from '../security-headers.ts';
import { type AnswerPlan, appendInit, hasHeader, isRead, notModified } from './answer.ts';
import { attachment } from './content-disposition.ts';
import { quoted } from './etag.ts';
import { rangeOf, rangeStillHolds } from './range.ts';

/** Bytes read at a time: few system calls a second even at gigabit speed, little memory a client. */
const CHUNK = 256 * 1024;

interface Source {
  readonly size: number;
  readonly etag: string | undefined;
  readonly lastModified: Date | undefined;
  readonly type: string;
  readonly name: string | undefined;
  /** Takes over what was opened. */
  stream(start: number, end: number): Readable;
}

const isFile = (body: unknown): body is FileBody =>
  typeof body === 'object' && body !== null && typeof (body as Partial<FileBody>).file === 'string';
const isTyped = (body: unknown): body is TypedBytes =>
  typeof body === 'object' && body !== null && 'data' in body && typeof (body as Partial<TypedBytes>).type === 'string';
const isStream = (body: unknown): body is ReadableStream<Uint8Array> =>
  typeof body === 'object' && body !== null && typeof (body as Partial<ReadableStream>).getReader === 'function';

/** Answers a file, bytes or a stream of them. */
export async function writeBytes(
  x: Exchange,
  plan: AnswerPlan,
  body: unknown,
  mime: string,
  status: number,
  init: ReplyInit | undefined,
): Promise<void> {
  const type = mime.includes('*') ? 'application/octet-stream' : mime;
  if (isFile(body)) return writeFile(x, plan, body, type, status, init);
  const data = isTyped(body) ? body.data : body;
  const own = isTyped(body) ? body.type : type;
  if (isUint8Array(data)) {
    const buffer = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    const etag = init?.etag === undefined ? undefined : quoted(init.etag);
    return writeSource(x, plan, status, init, {
      size: buffer.byteLength,
      etag,
      lastModified: init?.lastModified,
      type: own,
      name: undefined,
      stream: (start, end) => Readable.from([buffer.subarray(start, end + 1)], { objectMode: false }),
    });
  }
  if (isStream(data)) return writeStream(x, plan, data, own, status, init);
  throw new BadAnswer(`${plan.route} answered something that is no bytes, file or stream`);
}

async function writeFile(
  x: Exchange,
  plan: AnswerPlan,
  body: FileBody,
  type: string,
  status: number,
  init: ReplyInit | undefined,
): Promise<void> {
  const handle = await openFile(body.file);
  let kept = true;
  try {
    const stats = await handle.stat({ bigint: true });
    if (!stats.isFile()) throw problem.notFound('file');
    const etag = `"${stats.size.toString(36)}-${stats.mtimeNs.toString(36)}-${stats.ino.toString(36)}"`;
    writeSource(x, plan, status, init, {
      size: Number(stats.size),
      etag: init?.etag === undefined ? etag : quoted(init.etag),
      lastModified: init?.lastModified ?? new Date(Number(stats.mtimeMs)),
      type: body.type ?? type,
      name: body.name,
      stream: (start, end) => {
        kept = false;
        return handle.createReadStream({ start, end, highWaterMark: CHUNK, autoClose: true });
      },
    });
  } finally {
    if (kept) await handle.close();
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR', 'ENAMETOOLONG', 'ESTALE', 'ENXIO'].includes(code))
      throw problem.notFound('file');
    if (code === 'EACCES' || code === 'EPERM')
      throw new Problem(403, 'unreadable', 'Forbidden', 'The server may not read this file.', {}, { cause: error });
    throw problem.unavailable(`The file cannot be opened now (${code}).`, '30s', error);
  }
}

function writeSource(x: Exchange, plan: AnswerPlan, status: number, init: ReplyInit | undefined, source: Source): void {
  const { headers: asked, method } = x.req;
  const headers = x.headers();
  const whole = status === 200 && isRead(x);
  appendInit(x, plan, status, init, headers);
  if (source.etag !== undefined) headers.push('etag', source.etag);
  if (source.lastModified && !init?.lastModified) headers.push('last-modified', source.lastModified.toUTCString());
  if (whole) headers.push('accept-ranges', 'bytes');
  if (whole && notModified(x, source.etag, source.lastModified)) {
    x.send(304, headers, undefined);
    return;
  }
  appendType(headers, source.type, source.name, init);
  const holds =
    whole && method === 'GET' && rangeStillHolds(asked['if-range']?.toString(), source.etag, source.lastModified);
  const range = holds ? rangeOf(asked.range, source.size) : 'whole';
  if (range === 'unsatisfiable') throw unsatisfiable(source.size);
  const { start, end } = range === 'whole' ? { start: 0, end: source.size - 1 } : range;
  if (range !== 'whole') headers.push('content-range', `bytes ${start}-${end}/${source.size}`);
  headers.push('content-length', String(end - start + 1));
  const code = range === 'whole' ? status : 206;
  if (method === 'HEAD' || end < start) {
    x.res.writeHead(code, headers);
    x.res.end();
    return;
  }
  x.startStream(code, headers);
  pump(x, source.stream(start, end));
}

const unsatisfiable = (size: number): Problem =>
  new Problem(
    416,
    'range',
    'Range not satisfiable',
    `The file has ${size} bytes.`,
    {},
    { headers: { 'content-range': `bytes */${size}` } },
  );

function appendType(headers: string[], type: string, name: string | undefined, init: ReplyInit | undefined): void {
  if (!hasHeader(init, 'content-type')) headers.push('content-type', type);
  if (!hasHeader(init, 'content-security-policy')) headers.push('content-security-policy', DATA_POLICY);
  if (name !== undefined && !hasHeader(init, 'content-disposition'))
    headers.push('content-disposition', attachment(name));
}

function writeStream(
  x: Exchange,
  plan: AnswerPlan,
  data: ReadableStream<Uint8Array>,
  type: string,
  status: number,
  init: ReplyInit | undefined,
): void {
  const headers = x.headers();
  appendInit(x, plan, status, init, headers);
  if (init?.etag !== undefined) headers.push('etag', quoted(init.etag));
  appendType(headers, type, undefined, init);
  if (x.req.method === 'HEAD') {
    x.res.writeHead(status, headers);
    x.res.end();
    data.cancel().catch((error: unknown) => x.scope.log.debug('a stream did not end well', { error }));
    return;
  }
  x.startStream(status, headers);
  pump(x, Readable.fromWeb(data as Parameters<typeof Readable.fromWeb>[0]));
}

/** With back-pressure; both ends are closed whatever happens. A source that fails half way cuts the connection, so that nobody takes a part for the whole. */
function pump(x: Exchange, source: Readable): void {
  pipeline(source, x.res).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE')
      x.scope.log.warn('an answer broke off', {
        request_id: x.id,
        error: error instanceof Error ? error.message : String(error),
      });
    x.res.destroy();
  });
}
