import { UpstreamError } from '@revenge/sdk';

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'name server does not answer',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ETIMEDOUT: 'connection timed out',
  UND_ERR_SOCKET: 'connection lost',
  UND_ERR_CONNECT_TIMEOUT: 'connection timed out',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
};

/** A mistake of the caller (a GET with a body): fetch tells it as a TypeError without a cause, and the host was never asked. */
export const isMisuse = (error: unknown): boolean =>
  error instanceof Error && error.name === 'TypeError' && error.cause === undefined;

/** Nothing answered. The reason is a few words: messages of the system may repeat what was asked. */
export function nothingAnswered(host: string, error: unknown): UpstreamError {
  const code = codeOf(error);
  return new UpstreamError(host, undefined, code ? (WORDS[code] ?? code) : 'connection failed', undefined, {
    cause: error,
  });
}

function codeOf(error: unknown): string | undefined {
  for (let at = error, depth = 0; depth < 4 && typeof at === 'object' && at !== null; depth += 1) {
    const { code, cause } = at as { code?: unknown; cause?: unknown };
    if (typeof code === 'string') return code;
    at = cause;
  }
  return undefined;
}
