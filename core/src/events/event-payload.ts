import { type EventToken, type Fault, problem } from '@revenge/sdk';

/** Characters of JSON. An event says what happened; who needs more asks for it. */
const MOST = 256 * 1024;

/** 'library.movie-added@1': later minors of an event are understood by those built against an earlier one. */
export const channelOf = (token: Pick<EventToken<unknown, unknown>, 'id'>): string => token.id.replace(/\.\d+$/, '');

export async function parsePayload(token: EventToken<unknown, unknown>, payload: unknown): Promise<unknown> {
  const result = await token.payload['~standard'].validate(payload);
  if (!result.issues) return result.value;
  throw problem.invalid(
    ...result.issues.map(({ message, path }): Fault => ({
      path: ['payload', ...(path ?? []).map((part) => String(typeof part === 'object' ? part.key : part))].join('.'),
      message: `event ${token.id}: ${message}`,
    })),
  );
}

export function payloadJson(token: EventToken<unknown, unknown>, payload: unknown): string {
  const json: string | undefined = JSON.stringify(payload);
  if (json === undefined || json.length > MOST || /(?<!\\)(?:\\\\)*\\u0000/.test(json))
    throw problem.invalid({
      path: 'payload',
      message: `event ${token.id}: the payload has to be JSON of at most ${MOST} characters, without NUL characters`,
    });
  return json;
}

/** What order is kept within; undefined: in none. */
export function keyOf(token: EventToken<unknown, unknown>, payload: unknown): string | undefined {
  if (token.key === undefined) return undefined;
  const value = fieldOf(payload, token.key);
  return value === undefined || value === null ? undefined : String(value).slice(0, 500);
}

export const fieldOf = (payload: unknown, name: string): unknown =>
  typeof payload === 'object' && payload !== null && Object.hasOwn(payload, name)
    ? (payload as Readonly<Record<string, unknown>>)[name] // asked for by its own name
    : undefined;
