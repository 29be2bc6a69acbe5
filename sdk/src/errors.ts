import type { Duration } from './contract/schema.ts';

/** A brand instead of instanceof, which fails across two copies of the SDK (a plugin's own and the server's). */
const branded =
  <T extends Error>(brand: string) =>
  (error: unknown): error is T =>
    typeof error === 'object' && error !== null && (error as { '~error'?: unknown })['~error'] === brand;

/** RFC 9457. `throw problem.notFound('movie')` in a route, a service or a job; one that a service throws reaches its caller as it is. */
export class Problem extends Error {
  readonly '~error' = 'problem';
  readonly headers: Readonly<Record<string, string>>;
  constructor(
    readonly status: number,
    readonly slug: string,
    readonly title: string,
    readonly detail?: string,
    readonly extra: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions & { readonly headers?: Readonly<Record<string, string>> },
  ) {
    super(detail ?? title, options);
    this.name = 'Problem';
    this.headers = options?.headers ?? {};
  }
  static readonly is = branded<Problem>('problem');
  /** `code` and `message` repeat status and detail for clients of the REST reference; the two never disagree. */
  toJSON(): Record<string, unknown> {
    return {
      ...this.extra,
      type: `/problems/${this.slug}`,
      title: this.title,
      status: this.status,
      detail: this.detail ?? this.title,
      code: this.status,
      message: this.detail ?? this.title,
    };
  }
}
/** One thing wrong with an input: `path` as in `body.paths.0`, `message` what is expected there. */
export interface Fault {
  readonly path: string;
  readonly message: string;
}
const seconds = (time: Duration): string => {
  const [, n = '0', unit = 's'] = /^([\d.]+)(ms|s|m|h|d)$/.exec(time) ?? [];
  return String(Math.max(1, Math.ceil(Number(n) * { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 }[unit as 's']!)));
};
/** Makes the problems a plugin throws most: `throw problem.notFound("movie")`. */
export const problem = {
  badRequest: (detail: string, extra?: object) => new Problem(400, 'bad-request', 'Bad request', detail, { ...extra }),
  unauthorized: (detail?: string, extra?: object) =>
    new Problem(
      401,
      'unauthorized',
      'Not signed in',
      detail,
      { ...extra },
      { headers: { 'www-authenticate': 'Bearer' } },
    ),
  forbidden: (detail?: string) => new Problem(403, 'forbidden', 'Forbidden', detail),
  notFound: (what: string) => new Problem(404, 'not-found', 'Not found', `No such ${what}.`),
  conflict: (detail: string, extra?: object) => new Problem(409, 'conflict', 'Conflict', detail, { ...extra }),
  invalid: (...errors: readonly Fault[]) => {
    const [first] = errors;
    return new Problem(422, 'invalid', 'Invalid input', first && `${first.path}: ${first.message}`, { errors });
  },
  tooMany: (retryAfter: Duration) =>
    new Problem(
      429,
      'too-many',
      'Too many requests',
      `Try again in ${retryAfter}.`,
      {},
      { headers: { 'retry-after': seconds(retryAfter) } },
    ),
  upstream: (who: string, cause?: unknown) =>
    new Problem(502, 'upstream', 'Upstream failed', `${who} did not answer as expected.`, {}, { cause }),
  unavailable: (detail: string, retryAfter: Duration = '30s', cause?: unknown) =>
    new Problem(
      503,
      'unavailable',
      'Unavailable',
      detail,
      {},
      { cause, headers: { 'retry-after': seconds(retryAfter) } },
    ),
  storageFull: (detail: string) =>
    new Problem(507, 'storage-full', 'Storage full', detail, {}, { headers: { 'retry-after': '60' } }),
} as const;

/** start: the instance is `retrying`. A job: this run waits that long, without using up an attempt. A listener: the delivery waits. A route or service: 503. */
export class NotReady extends Error {
  readonly '~error' = 'not-ready';
  constructor(
    reason: string,
    readonly retryAfter: Duration = '30s',
    options?: ErrorOptions,
  ) {
    super(reason, options);
    this.name = 'NotReady';
  }
  static readonly is = branded<NotReady>('not-ready');
}
/** Anywhere: the instance is `needs-auth` until an administrator edits that config field; jobs wait; a route or service answers 503. */
export class NeedsAuth extends Error {
  readonly '~error' = 'needs-auth';
  constructor(
    reason: string,
    readonly field?: string,
    options?: ErrorOptions,
  ) {
    super(reason, options);
    this.name = 'NeedsAuth';
  }
  static readonly is = branded<NeedsAuth>('needs-auth');
}
/** A job or listener: no retry, whatever is left of them. */
export class GiveUp extends Error {
  readonly '~error' = 'give-up';
  override readonly name = 'GiveUp';
  static readonly is = branded<GiveUp>('give-up');
}
/** What ctx.http throws; not caught, a route answers 502 with the host's name. `status` is undefined when nothing answered. */
export class UpstreamError extends Error {
  readonly '~error' = 'upstream';
  constructor(
    readonly host: string,
    readonly status: number | undefined,
    readonly body: string,
    readonly retryAfter: Duration | undefined,
    options?: ErrorOptions,
  ) {
    super(`${host} answered ${status ?? 'nothing'}`, options);
    this.name = 'UpstreamError';
  }
  static readonly is = branded<UpstreamError>('upstream');
}
/** The contract itself is wrong; thrown where it is written, never at a request. */
export class ContractError extends Error {
  override readonly name = 'ContractError';
}
