import type { RouteDef } from '../contract/contract.ts';
import type { Special, SseMessage } from '../contract/schema.ts';
import { Problem } from '../errors.ts';
import { readEvents } from './sse-reader.ts';

/** An answer; of a stream of events, `events` is the stream with what it says of retrying. */
export interface ReadAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
  readonly events?: AsyncIterable<SseMessage<unknown>>;
}
const TEXT = /^(?:text\/|application\/(?:xml|x-subrip|vnd\.apple\.mpegurl|x-mpegurl|yaml))|\+xml$/i;

/** Reads an answer by what its route declares, else by its type; throws what is a problem. */
export async function readAnswer(response: Response, route: RouteDef | undefined): Promise<ReadAnswer> {
  const { status, headers } = response;
  const type = (headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/problem+json') throw asProblem(status, await response.json(), headers);
  const declared = route && Object.entries(route.responses).find(([s]) => Number(s) === status)?.[1];
  const known = route ? Boolean(declared) || status === 206 || status === 304 : status < 400 || type.endsWith('json');
  if (!known) {
    await response.body?.cancel();
    throw new Problem(status, 'remote', response.statusText || 'Unexpected answer', `The server answered ${status}.`);
  }
  const kind = declared && (declared as Partial<Special>).kind; // ours carry a kind, others do not
  if (kind === 'sse' || (!kind && type === 'text/event-stream')) {
    const events = readEvents(response);
    return { status, headers, body: events, events };
  }
  return { status, headers, body: await body(response, kind, type) };
}

async function body(response: Response, kind: string | undefined, type: string): Promise<unknown> {
  if (kind === 'nothing' || kind === 'redirect' || [204, 304].includes(response.status)) {
    await response.body?.cancel();
    return undefined;
  }
  if (kind === 'bytes') return response.body;
  if (kind === 'text') return response.text();
  if (type === 'application/json' || type.endsWith('+json')) return response.json();
  if (response.headers.get('content-length') === '0') return undefined;
  return TEXT.test(type) ? response.text() : response.body;
}

function asProblem(status: number, json: unknown, headers: Headers): Problem {
  const given = typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {}; // members are checked below
  const { type, title, status: _, detail, code: __, message: ___, ...extra } = given;
  const slug = typeof type === 'string' ? (type.split('/').at(-1) ?? 'remote') : 'remote';
  const retry = headers.get('retry-after');
  return new Problem(
    status,
    slug,
    typeof title === 'string' ? title : 'Problem',
    typeof detail === 'string' ? detail : undefined,
    extra,
    retry === null ? {} : { headers: { 'retry-after': retry } },
  );
}
