import type { RouteDef } from '../contract/contract.ts';
import type { Special } from '../contract/schema.ts';

/** What a call gives, before types are known. */
export interface CallParts {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  readonly lastEventId?: string;
}
interface Around {
  readonly headers: Readonly<Record<string, string>>;
  readonly route: RouteDef | undefined;
}

/** The URL and what fetch needs for one call. */
export function buildRequest(
  base: string,
  key: string,
  init: CallParts,
  { headers, route }: Around,
): { readonly url: string; readonly request: RequestInit } {
  const [method = 'GET', path = '/'] = key.split(' ');
  const query = new URLSearchParams(pairs(init.query ?? {}));
  const { type, body } = encode(init.body, route);
  return {
    url: base + (path === '/' && base ? '' : fill(key, path, init.params ?? {})) + (query.size ? `?${query}` : ''),
    request: {
      method,
      headers: {
        ...headers,
        ...(type && { 'content-type': type }),
        ...(init.lastEventId !== undefined && { 'last-event-id': init.lastEventId }),
      },
      ...(init.signal && { signal: init.signal }),
      ...(body !== undefined && { body }),
      ...(body instanceof ReadableStream && { duplex: 'half' }), // fetch asks for it with a streamed body
    },
  };
}

function fill(key: string, path: string, params: Readonly<Record<string, unknown>>): string {
  return path.replace(/([:*])([^/]+)/g, (_, sign: string, name: string) => {
    const value = params[name];
    if (value === undefined || value === null || value === '') throw new TypeError(`${key}: give params.${name}`);
    const text = String(value);
    return sign === '*' ? text.split('/').map(encodeURIComponent).join('/') : encodeURIComponent(text);
  });
}

/** A list gives its name several times; undefined and null are left out. */
function pairs(values: Readonly<Record<string, unknown>>): [string, string][] {
  return Object.entries(values).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value])
      .filter((each) => each !== undefined && each !== null)
      .map((each): [string, string] => [name, each instanceof Date ? each.toISOString() : String(each)]),
  );
}

const isBytes = (value: unknown): value is Uint8Array<ArrayBuffer> | ReadableStream | Blob =>
  value instanceof Uint8Array || value instanceof ReadableStream || value instanceof Blob;
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const hasFile = (value: unknown): boolean =>
  isObject(value) && Object.values(value).some((each) => each instanceof Blob);

interface Encoded {
  /** undefined: fetch sets it, with multipart's boundary. */
  readonly type?: string;
  readonly body?: NonNullable<RequestInit['body']>;
}

function encode(value: unknown, route: RouteDef | undefined): Encoded {
  const { kind, mime } = (route?.body ?? {}) as Partial<Special>; // ours carry a kind, others do not
  if (value === undefined) return {};
  if (kind === 'form' && isObject(value)) return { body: new URLSearchParams(pairs(value)) };
  if (kind === 'multipart' || hasFile(value)) return { body: multipart(isObject(value) ? value : {}) };
  if (isBytes(value)) return { type: sent(value, mime), body: value };
  if (isObject(value) && isBytes(value.data) && (kind === 'bytes' || typeof value.type === 'string'))
    return { type: String(value.type ?? sent(value.data, mime)), body: value.data };
  if (kind === 'text' && typeof value === 'string') return { type: mime ?? 'text/plain', body: value };
  return { type: 'application/json', body: JSON.stringify(value) };
}

/** A declared 'image/*' is no type to send. */
const sent = (value: unknown, mime: string | undefined): string =>
  (value instanceof Blob && value.type) || (mime && !mime.includes('*') ? mime : 'application/octet-stream');

function multipart(fields: Readonly<Record<string, unknown>>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields))
    if (value instanceof Blob) data.append(name, value);
    else if (isObject(value) && !Array.isArray(value)) data.append(name, JSON.stringify(value));
    else for (const [, each] of pairs({ [name]: value })) data.append(name, each);
  return data;
}
