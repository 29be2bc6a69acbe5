import { type Out, type Schema, UpstreamError } from '@revenge/sdk';
import { boundedBody } from './answer-body.ts';

/** Beyond it an answer is refused unread: it would have to fit into memory, twice. Bytes. */
const MOST = 32 * 1024 * 1024;
const MOST_FAULTS = 3;

/** Reads, parses and checks a JSON answer; an empty one is undefined to the schema. */
export async function jsonAnswer<S extends Schema>(host: string, response: Response, schema: S): Promise<Out<S>> {
  const wrong = (reason: string, cause?: unknown): UpstreamError =>
    new UpstreamError(host, response.status, reason, undefined, { cause });
  const bytes = await boundedBody(response, MOST);
  if (!bytes) throw wrong(`the answer is larger than ${MOST / 1024 ** 2} MB`);
  const result = await checked(schema, parse(bytes, wrong), wrong);
  if (!result.issues) return result.value as Out<S>; // what this schema's validate answers without issues
  throw wrong(`the answer has another shape than expected: ${faults(result.issues)}`, result.issues);
}

/** A schema's own code (a transform, a refinement) may throw: no fault of the connection. */
async function checked(schema: Schema, value: unknown, wrong: (reason: string, cause: unknown) => UpstreamError) {
  try {
    return await schema['~standard'].validate(value);
  } catch (error) {
    throw wrong('the answer cannot be checked: its schema failed', error);
  }
}

function parse(bytes: Uint8Array, wrong: (reason: string, cause: unknown) => UpstreamError): unknown {
  const text = new TextDecoder().decode(bytes);
  if (!text.trim()) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw wrong(/^\s*</.test(text) ? 'the answer is a page, not JSON' : 'the answer is no JSON', error);
  }
}

type Issues = readonly { readonly message: string; readonly path?: readonly unknown[] | undefined }[];

function faults(issues: Issues): string {
  const name = (part: unknown): string =>
    String(typeof part === 'object' && part !== null && 'key' in part ? part.key : part);
  const told = issues.slice(0, MOST_FAULTS).map(({ message, path = [] }) => {
    const where = path.map(name).join('.');
    return where ? `${where}: ${message}` : message;
  });
  const more = issues.length - told.length;
  return `${told.join('; ')}${more > 0 ? `; and ${more} more` : ''}`.slice(0, 500);
}
