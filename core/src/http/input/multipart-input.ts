import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type BusboyFileStream, Busboy } from '@fastify/busboy';
import { problem, type Schema, type Special, type UploadedFile } from '@revenge/sdk';
import { byteCount } from '../../lifecycle/duration.ts';
import type { Exchange } from '../exchange.ts';
import { sniffType } from './sniff-type.ts';
import { clientGone, tooLarge } from './read-body.ts';

type Fields = Readonly<Record<string, Schema>>;
interface Parts {
  readonly values: Record<string, string | string[]>;
  readonly files: Record<string, UploadedFile>;
}

/** Room for part headers and boundaries beside what the parts hold. */
const OVERHEAD = 64 * 1024;

/** Streams a multipart body: text fields to memory, files to temporary ones that are removed when the answer is over. */
export async function readMultipart(x: Exchange, fields: Fields, textLimit: number, folder: string): Promise<Parts> {
  const uploads = new Map(Object.entries(fields).flatMap(([name, f]) => uploadOf(name, f)));
  const whole = [...uploads.values()].reduce((sum, u) => sum + u.max, textLimit + OVERHEAD);
  if (Number(x.req.headers['content-length'] ?? 0) > whole) throw tooLarge(whole);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const parts: Parts = { values: Object.create(null) as Parts['values'], files: Object.create(null) as Parts['files'] };
  const work: Promise<void>[] = [];
  const parser = parserFor(x, textLimit, uploads.size);
  let failure: unknown;
  const fail = (error: unknown): void => {
    failure ??= error;
    x.req.unpipe(parser);
    parser.destroy();
  };
  parser.on('field', (name, value, nameCut, valueCut) => {
    if (nameCut || valueCut) fail(tooLarge(textLimit));
    else if (Object.hasOwn(fields, name)) addValue(parts.values, name, value);
  });
  parser.on('file', (name, stream, filename) => {
    const upload = uploads.get(name);
    if (!upload || parts.files[name]) stream.resume();
    else work.push(store(x, stream, { name, filename, folder, ...upload }, parts).catch(fail));
  });
  await finished(x, parser, fail);
  await Promise.all(work);
  if (failure) throw failure;
  return parts;
}

function uploadOf(name: string, schema: Schema): [string, { max: number; types: readonly string[] | undefined }][] {
  const { kind, max, types } = schema as Schema & Partial<Special>;
  return kind === 'upload' && max ? [[name, { max: byteCount(max), types }]] : [];
}

function parserFor(x: Exchange, textLimit: number, files: number): Busboy {
  try {
    return new Busboy({
      headers: { ...x.req.headers, 'content-type': x.req.headers['content-type'] ?? '' },
      limits: {
        fields: 200,
        files: files + 10,
        parts: 250,
        fieldSize: textLimit,
        headerPairs: 100,
        fieldNameSize: 200,
      },
    });
  } catch (error) {
    throw problem.badRequest(`The multipart body cannot be read: ${error instanceof Error ? error.message : ''}`);
  }
}

function finished(x: Exchange, parser: Busboy, fail: (error: unknown) => void): Promise<void> {
  return new Promise((resolve) => {
    parser.on('finish', resolve).on('close', resolve);
    parser.on('error', (error) => {
      fail(problem.badRequest(`The multipart body cannot be read: ${error instanceof Error ? error.message : ''}`));
      resolve();
    });
    x.req.on('aborted', () => {
      fail(clientGone());
      resolve();
    });
    x.req.pipe(parser);
  });
}

function addValue(values: Parts['values'], name: string, value: string): void {
  const before = values[name];
  values[name] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
}

interface Upload {
  readonly name: string;
  readonly filename: string;
  readonly folder: string;
  readonly max: number;
  readonly types: readonly string[] | undefined;
}
async function store(x: Exchange, stream: BusboyFileStream, upload: Upload, parts: Parts): Promise<void> {
  const path = join(upload.folder, randomUUID());
  x.onEnd(
    () =>
      void rm(path, { force: true }).catch((error: unknown) =>
        x.scope.log.warn('temporary file not removed', { path, error }),
      ),
  );
  let size = 0;
  await pipeline(
    stream,
    async function* (source: AsyncIterable<Buffer>) {
      for await (const chunk of source) {
        size += chunk.byteLength;
        if (size > upload.max) throw tooLarge(upload.max);
        yield chunk;
      }
    },
    createWriteStream(path, { mode: 0o600 }),
  );
  const type = await sniffType(path);
  if (upload.types && !upload.types.some((t) => t === type || (t.endsWith('/*') && type.startsWith(t.slice(0, -1)))))
    throw problem.invalid({
      path: `body.${upload.name}`,
      message: `A file of ${upload.types.join(', ')} is expected, this is ${type}.`,
    });
  parts.files[upload.name] = { name: upload.filename, type, size: (await stat(path)).size, path };
}
