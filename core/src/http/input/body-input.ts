import { Readable } from 'node:stream';
import { problem, Problem, type Schema, type Special } from '@revenge/sdk';
import type { Exchange } from '../exchange.ts';
import { parseJson } from './json-text.ts';
import { limitedStream } from './limited-stream.ts';
import { readMultipart } from './multipart-input.ts';
import { mediaType, readBody, refuseLength } from './read-body.ts';
import { QueryInput } from './query-input.ts';
import { validate } from './validate.ts';

const unsupported = (got: string, want: string): Problem =>
  new Problem(
    415,
    'unsupported-media-type',
    'Unsupported media type',
    `This route takes ${want}, not '${got || 'a body without a type'}'.`,
  );

const isJson = (type: string): boolean =>
  type === 'application/json' || (type.startsWith('application/') && type.endsWith('+json'));

/** Reads the body of one route as its schema says, and validates it. */
export class BodyInput {
  readonly #special: Partial<Special>;
  readonly #form: QueryInput | undefined;

  /** `limit` in bytes; undefined: none, which only streams may have. */
  constructor(
    readonly schema: Schema,
    readonly limit: number | undefined,
    readonly tempFolder: string,
  ) {
    this.#special = schema as Schema & Partial<Special>;
    const { kind, of } = this.#special;
    this.#form = kind === 'form' && of ? new QueryInput(of) : undefined;
  }

  get #most(): number {
    return this.limit ?? 1024 ** 2;
  }

  read(x: Exchange): Promise<unknown> {
    switch (this.#special.kind) {
      case 'bytes':
        return this.#stream(x);
      case 'form':
        return this.#readForm(x);
      case 'multipart':
        return this.#multipart(x);
      case 'text':
        return readBody(x.req, this.#most).then((bytes) => bytes.toString('utf8'));
      case 'nothing':
        return Promise.resolve(undefined);
      default:
        return this.#json(x);
    }
  }

  async #json(x: Exchange): Promise<unknown> {
    const type = mediaType(x.req);
    if (type !== '' && !isJson(type)) throw unsupported(type, 'application/json');
    return this.ofBytes(await readBody(x.req, this.#most));
  }

  /** For a body that was read already (a webhook's). */
  async ofBytes(bytes: Buffer): Promise<unknown> {
    return validate(this.schema, parseJson(bytes), 'body');
  }

  async #readForm(x: Exchange): Promise<unknown> {
    const type = mediaType(x.req);
    const { of } = this.#special;
    if (type !== 'application/x-www-form-urlencoded' || !of || !this.#form)
      throw unsupported(type, 'application/x-www-form-urlencoded');
    const text = (await readBody(x.req, this.#most)).toString('utf8');
    return validate(of, this.#form.read(text), 'body');
  }

  async #multipart(x: Exchange): Promise<unknown> {
    const type = mediaType(x.req);
    if (type !== 'multipart/form-data') throw unsupported(type, 'multipart/form-data');
    const fields = this.#special.fields ?? {};
    const { values, files } = await readMultipart(x, fields, this.#most, this.tempFolder);
    const body: Record<string, unknown> = {};
    const errors: { path: string; message: string }[] = [];
    for (const [name, schema] of Object.entries(fields)) {
      if ((schema as Partial<Special>).kind === 'upload') {
        if (files[name]) body[name] = files[name];
        else errors.push({ path: `body.${name}`, message: 'A file is expected here.' });
      } else body[name] = await validate(schema, values[name], `body.${name}`);
    }
    if (errors.length) throw problem.invalid(...errors);
    return body;
  }

  async #stream(x: Exchange): Promise<unknown> {
    const type = mediaType(x.req);
    const want = this.#special.mime ?? '*/*';
    if (!matches(type, want)) throw unsupported(type, want);
    if (this.limit !== undefined) refuseLength(x.req, this.limit);
    return Readable.toWeb(limitedStream(x.req, this.limit));
  }
}

function matches(type: string, want: string): boolean {
  if (want === '*/*' || want === 'application/octet-stream' || type === '') return true;
  return want.endsWith('/*') ? type.startsWith(want.slice(0, -1)) : type === want;
}
