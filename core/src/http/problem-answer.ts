import { NeedsAuth, NotReady, problem, Problem, UpstreamError } from '@revenge/sdk';
import { DATA_POLICY } from './security-headers.ts';
import type { Exchange } from './exchange.ts';

/** What a handler gave that its contract does not allow. The client learns nothing of it; the log names the route and the fields. */
export class BadAnswer extends Error {
  override readonly name = 'BadAnswer';
}

const INTERNAL = new Problem(
  500,
  'internal',
  'Internal error',
  'Something went wrong on the server; the log has it under this request id.',
);

/** Every error as the one shape that clients read. `unexpected`: nothing that was declared or foreseen. */
export function toProblem(
  error: unknown,
  databaseProblem: (error: unknown) => Problem | undefined,
): { readonly problem: Problem; readonly unexpected: boolean } {
  if (Problem.is(error)) return { problem: error, unexpected: false };
  if (NotReady.is(error))
    return { problem: problem.unavailable(error.message, error.retryAfter, error), unexpected: true };
  if (NeedsAuth.is(error)) return { problem: problem.unavailable(error.message, '60s', error), unexpected: true };
  if (UpstreamError.is(error)) return { problem: problem.upstream(error.host, error), unexpected: true };
  const known = databaseProblem(error);
  if (known) return { problem: known, unexpected: false };
  return { problem: INTERNAL, unexpected: true };
}

/** Ends an exchange with a problem; where the answer has begun, or nobody waits for it, the connection is cut instead. */
export function answerProblem(x: Exchange, is: Problem, more?: Readonly<Record<string, unknown>>): void {
  if (x.res.destroyed || x.res.writableEnded) return;
  if (x.res.headersSent) {
    x.res.destroy();
    return;
  }
  const headers = x.headers();
  headers.push(
    'content-type',
    'application/problem+json',
    'cache-control',
    'no-store',
    'content-security-policy',
    DATA_POLICY,
  );
  for (const [name, value] of Object.entries(is.headers)) headers.push(name, value);
  x.send(is.status, headers, JSON.stringify({ ...problemJson(is), ...more, request_id: x.id }));
}

/** Written out, as a Problem of another copy of the SDK may be an older one. */
function problemJson(is: Problem): Record<string, unknown> {
  const detail = is.detail ?? is.title;
  return {
    ...is.extra,
    type: `/problems/${is.slug}`,
    title: is.title,
    status: is.status,
    detail,
    code: is.status,
    message: detail,
  };
}
