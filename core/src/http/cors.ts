import type { IncomingMessage } from 'node:http';

const EXPOSED = 'ETag, Location, Retry-After, X-Request-Id, Content-Disposition, Content-Range, Accept-Ranges';
/** Seconds a browser keeps a preflight's answer. */
const PREFLIGHT_AGE = '7200';

/** Which web pages of other origins may read our answers. Credentials are tokens in headers, so cookies are never allowed across. */
export class Cors {
  readonly #origins: ReadonlySet<string>;
  readonly #all: boolean;
  readonly enabled: boolean;

  constructor(origins: readonly string[]) {
    this.#origins = new Set(origins.map((o) => o.replace(/\/$/, '').toLowerCase()));
    this.#all = this.#origins.has('*');
    this.enabled = this.#origins.size > 0;
  }

  #allowed(req: IncomingMessage): string | undefined {
    const origin = req.headers.origin;
    if (!this.enabled || origin === undefined) return undefined;
    if (this.#all) return '*';
    return this.#origins.has(origin.toLowerCase()) ? origin : undefined;
  }

  /** Added to an answer's headers. */
  append(req: IncomingMessage, headers: string[]): void {
    if (!this.enabled) return;
    const origin = this.#allowed(req);
    if (origin) headers.push('access-control-allow-origin', origin, 'access-control-expose-headers', EXPOSED);
  }

  /** Added to the answer of OPTIONS. */
  appendPreflight(req: IncomingMessage, methods: string, headers: string[]): void {
    if (!this.#allowed(req) || req.headers['access-control-request-method'] === undefined) return;
    headers.push('access-control-allow-methods', methods, 'access-control-max-age', PREFLIGHT_AGE);
    const asked = req.headers['access-control-request-headers'];
    if (asked !== undefined && /^[\w\-, ]{1,1024}$/.test(asked)) headers.push('access-control-allow-headers', asked);
  }

  /** Whether answers differ by Origin, so that caches must keep them apart. */
  get varies(): boolean {
    return this.enabled && !this.#all;
  }
}
