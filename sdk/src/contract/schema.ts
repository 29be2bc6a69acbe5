import type { StandardSchemaV1 } from '@standard-schema/spec';
import { ContractError } from '../errors.ts';

/** Any Standard Schema: zod, valibot, arktype… */
// oxlint-disable-next-line typescript/no-explicit-any -- any type may stand here; what it is, is inferred from the contract
export type Schema<I = any, O = any> = StandardSchemaV1<I, O>;
/** What the writer of a value gives (before defaults and transforms). `Else` where no schema was declared. */
export type In<S, Else = undefined> = S extends Schema ? StandardSchemaV1.InferInput<S> : Else;
/** What the reader of a value gets (after validation). */
export type Out<S, Else = undefined> = S extends Schema ? StandardSchemaV1.InferOutput<S> : Else;

/** A value, or a promise of it. */
export type Awaitable<T> = T | Promise<T>;
/** The keys that are strings. */
export type Str<K> = K & string;
/** The section `K` of a contract; `{}` when the author left it out. */
export type Part<C, K extends string> = C extends { readonly [P in K]: infer V } ? V : {};

/** A length of time: '250ms', '30s', '12h', '7d'. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;
/** Five fields in the server's time zone: '0 3 * * *'. */
export type Cron = `${string} ${string} ${string} ${string} ${string}`;
/** '60/m', '5/15m'. */
export type Limit = `${number}/${'s' | 'm' | 'h' | 'd' | Duration}`;
/** A number of bytes in powers of 1024: '2MB'. */
export type Size = `${number}${'KB' | 'MB' | 'GB'}`;

/** What the kernel reads of a body or response that is not JSON. */
export interface Special {
  readonly kind: string;
  readonly mime?: string;
  readonly of?: Schema;
  readonly fields?: { readonly [name: string]: Schema };
  readonly max?: Size;
  readonly types?: readonly string[];
}
const special = <I, O>(is: Special): Schema<I, O> & Special => ({
  ...is,
  '~standard': {
    version: 1,
    vendor: 'sdk',
    validate: (value: unknown) => ({ value: value as O }),
  } as StandardSchemaV1.Props<I, O>,
});
/** A response without a body (204; also 202 and others). */
export const nothing: Schema<void, undefined> = special({ kind: 'nothing' });
/** The `Location` of a 302, 303, 307 or 308: `reply(302, url)`. */
export const redirect: Schema<string | URL, undefined> = special({ kind: 'redirect' });
/** A body of text that is no JSON: an HLS playlist, subtitles, HTML. */
export const text = (mime = 'text/plain'): Schema<string, string> => special({ kind: 'text', mime });
/** A file on this node, or a part of it. The kernel opens it, so it also works from a worker. */
export interface FileBody {
  readonly file: string;
  readonly type?: string;
  /** Given: sent as a download of this name. */ readonly name?: string;
}
/** Bytes whose type only the handler knows: declare `bytes('image/*')`. */
export interface TypedBytes {
  readonly data: Uint8Array | ReadableStream<Uint8Array>;
  readonly type: string;
}
/**
 * Bytes, in a response or as a streamed request body (read it with back pressure; `maxBody` ends it).
 * Of a `200: bytes()` the kernel makes HEAD, Range (206, 416), ETag and 304 by itself for files and Uint8Arrays; a stream is sent as it comes.
 */
export const bytes = (
  mime: string,
): Schema<Uint8Array | ReadableStream<Uint8Array> | FileBody | TypedBytes, ReadableStream<Uint8Array>> =>
  special({ kind: 'bytes', mime });
/** One message of a stream of server-sent events. */
export interface SseMessage<T> {
  readonly data: T;
  /** Comes back as `Last-Event-ID` (`req.lastEventId`). */ readonly id?: string;
  readonly event?: string;
}
/** Server-sent events: the handler returns an async iterable of messages, the client reads one. Heartbeats are the kernel's. */
export const sse = <S extends Schema>(
  of: S,
): Schema<AsyncIterable<SseMessage<In<S>>>, AsyncIterable<SseMessage<Out<S>>>> =>
  special({ kind: 'sse', mime: 'text/event-stream', of });
/** A body of application/x-www-form-urlencoded (OAuth's token endpoint). */
export const form = <S extends Schema>(of: S): Schema<In<S>, Out<S>> =>
  special({ kind: 'form', mime: 'application/x-www-form-urlencoded', of });
/** A file a client sent, as the handler gets it. */
export interface UploadedFile {
  readonly name: string;
  /** Told from the content, not from what the client says. */ readonly type: string;
  readonly size: number;
  /** A temporary file, removed after the answer: move it to keep it. */ readonly path: string;
}
/** A file field of `multipart`. */
export const upload = (limits: {
  readonly max: Size;
  readonly types?: readonly string[];
}): Schema<Blob, UploadedFile> => special({ kind: 'upload', ...limits });
type MayMiss<F> = { [K in keyof F]: undefined extends In<F[K]> ? K : never }[keyof F];
/** What a caller gives for the fields of `multipart`: those that may be undefined may be left out. */
export type FieldsIn<F> = { readonly [K in Exclude<keyof F, MayMiss<F>>]: In<F[K]> } & {
  readonly [K in MayMiss<F>]?: In<F[K]>;
};
/** A body of multipart/form-data: `multipart({ file: upload({ max: '2MB' }), title: z.string() })`. */
export const multipart = <const F extends { readonly [name: string]: Schema }>(
  fields: F,
): Schema<FieldsIn<F>, { readonly [K in keyof F]: Out<F[K]> }> =>
  special({ kind: 'multipart', mime: 'multipart/form-data', fields });
/** Marks a config field: a password box in the form, encrypted at rest, redacted in logs, never sent back by the API. */
export function secret<S extends Schema>(schema: S): S {
  const s = schema as S & { meta?: (m: object) => S };
  if (!s.meta)
    throw new ContractError('secret(): give the field the JSON Schema keyword writeOnly: true by your schema library');
  return s.meta({ writeOnly: true, format: 'password' });
}

/**
 * Marks a config field that the command line may set: `libraries: flag('library', z.array(…))` makes `--library VALUE` (repeatable, as the
 * field is an array) and its line in `revenge start --help`. A flag wins over the environment, the file and the stored config.
 */
export function flag<S extends Schema>(name: string, schema: S, placeholder?: string): S {
  const s = schema as S & { meta?: (m?: object) => S & object };
  if (!s.meta)
    throw new ContractError(`flag('${name}'): give the field the JSON Schema keyword 'x-flag' by your schema library`);
  return s.meta({
    ...(s.meta() as object | undefined),
    'x-flag': name,
    ...(placeholder && { 'x-placeholder': placeholder }),
  });
}
/** A text in one language, or in several by BCP 47 tag; English is the one that is always there. */
export type Text = string | { readonly en: string; readonly [tag: string]: string };
