import type { Schema, Special } from '../contract/schema.ts';
import type { Components } from './openapi-components.ts';
import type { Json } from './json-schema.ts';

/** Where a schema stands, for names and messages. */
export interface Place {
  readonly components: Components;
  /** 'library GET /movies response 200' */
  readonly where: string;
  /** 'library_get_movies_200' */
  readonly local: string;
}
type Part = Schema & Partial<Special>;

/** `content` of a request body. */
export function requestBody(schema: Schema, place: Place): Json {
  return { required: !acceptsNothing(schema), content: content(schema, 'input', place) };
}

/** `content` and `headers` of a response; nothing for one without a body. */
export function responseContent(schema: Schema, place: Place): Json {
  const { kind } = schema as Part; // ours carry a kind, others do not
  if (kind === 'nothing') return {};
  if (kind === 'redirect')
    return { headers: { Location: { required: true, schema: { type: 'string', format: 'uri-reference' } } } };
  return { content: content(schema, 'output', place) };
}

function content(schema: Schema, side: 'input' | 'output', place: Place): Json {
  const { kind, mime = 'application/json', of, fields } = schema as Part; // as above
  const use = (s: Schema): Json => place.components.use(s, side, place.where, place.local);
  switch (kind) {
    case 'bytes':
      return { [mime]: {} }; // 3.1: bytes have no schema
    case 'text':
      return { [mime]: { schema: { type: 'string' } } };
    case 'sse': {
      const event = of ? use(of) : {};
      const description = 'Server-sent events; the data of each is JSON of x-event-schema.';
      return { [mime]: { schema: { type: 'string', description }, 'x-event-schema': event } };
    }
    case 'multipart':
      return { [mime]: multipartContent(fields ?? {}, use) };
    default:
      return { [mime]: { schema: use(of ?? schema) } };
  }
}

function multipartContent(fields: Readonly<Record<string, Schema>>, use: (schema: Schema) => Json): Json {
  const properties: Json = {};
  const encoding: Json = {};
  const required: string[] = [];
  for (const [name, field] of Object.entries(fields)) {
    const { kind, types, max } = field as Part; // as above
    if (kind === 'upload' || !acceptsNothing(field)) required.push(name);
    properties[name] =
      kind === 'upload'
        ? {
            type: 'string',
            format: 'binary',
            contentMediaType: types?.join(', ') ?? 'application/octet-stream',
            description: `At most ${max}.`,
          }
        : use(field);
    if (kind === 'upload' && types) encoding[name] = { contentType: types.join(', ') };
  }
  const schema = { type: 'object', properties, ...(required.length && { required }) };
  return { schema, ...(Object.keys(encoding).length && { encoding }) };
}

/** Whether leaving the value out is right. */
function acceptsNothing(schema: Schema): boolean {
  const { kind } = schema as Part; // as above
  if (kind) return false;
  const result = schema['~standard'].validate(undefined);
  return !(result instanceof Promise) && !result.issues;
}
