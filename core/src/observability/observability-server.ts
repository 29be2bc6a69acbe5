import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KernelError } from '../errors.ts';
import type { Readiness } from '../health/readiness.ts';
import type { KernelLog } from '../log/log.ts';
import type { Metrics } from '../metrics/metrics.ts';

/** An exposition walks every series: more of them at once would only delay each other. */
const SCRAPES_AT_ONCE = 2;
/** Open connections get this long at stop. Milliseconds. */
const DRAIN = 1_000;

const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Revenge, seen from inside</title>
<h1>Revenge, seen from inside</h1><ul>
<li><a href="metrics">metrics</a>: for Prometheus</li>
<li><a href="health/live">health/live</a>: 503 when this process hangs</li>
<li><a href="health/ready">health/ready</a>: 503, with reasons, when this node should get no traffic</li></ul></html>
`;

export interface ObservabilityDeps {
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  readonly log: KernelLog;
  /** Why the process counts as hung; undefined: it does not. */
  readonly hung: () => string | undefined;
}

/** The port for operators and Prometheus; it knows no user, so it listens on loopback unless told otherwise. */
export class ObservabilityServer {
  readonly #server: Server;
  #scrapes = 0;

  constructor(readonly deps: ObservabilityDeps) {
    this.#server = createServer({ requestTimeout: 10_000 }, (request, response) => {
      const known = request.method === 'GET' || request.method === 'HEAD';
      if (!known) return answer(response, 405, 'text/plain', 'GET or HEAD only\n', { allow: 'GET, HEAD' });
      this.#route((request.url ?? '/').split('?', 1)[0] ?? '/', response).catch((error: unknown) => {
        this.deps.log.error('the observability port failed to answer', { error });
        if (!response.headersSent) answer(response, 500, 'text/plain', 'failed; see the log\n');
        else response.destroy();
      });
    });
    this.#server.maxConnections = 64;
  }

  /** Answers the port it listens on, which is another than asked for only where that was 0. */
  async start({ host, port }: { readonly host: string; readonly port: number }): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      const failed = (error: NodeJS.ErrnoException): void => reject(refusal(error, host, port));
      this.#server.once('error', failed);
      this.#server.listen(port, host, () => {
        this.#server.off('error', failed);
        this.#server.on('error', (error) => this.deps.log.error('the observability port failed', { error }));
        resolve();
      });
    });
    return (this.#server.address() as AddressInfo).port; // a server on a TCP port has one
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => {
      const cut = setTimeout(() => this.#server.closeAllConnections(), DRAIN);
      this.#server.close(() => {
        clearTimeout(cut);
        resolve();
      });
      this.#server.closeIdleConnections();
    });
  }

  async #route(path: string, response: ServerResponse): Promise<void> {
    switch (path.length > 1 ? path.replace(/\/$/, '') : path) {
      case '/':
        return answer(response, 200, 'text/html; charset=utf-8', PAGE);
      case '/metrics':
        return this.#scrape(response);
      case '/health/live': {
        const hung = this.deps.hung();
        return health(response, hung === undefined ? [] : [hung], 'live');
      }
      case '/health/ready': {
        const { readiness } = this.deps;
        const reasons = readiness.reasons();
        return health(response, readiness.started() || reasons.length ? reasons : ['starting'], 'ready');
      }
      default:
        return answer(response, 404, 'text/plain', 'nothing here; / lists what there is\n');
    }
  }

  async #scrape(response: ServerResponse): Promise<void> {
    if (this.#scrapes >= SCRAPES_AT_ONCE)
      return answer(response, 503, 'text/plain', 'too many scrapes at once\n', { 'retry-after': '1' });
    this.#scrapes += 1;
    try {
      const { type, text } = await this.deps.metrics.exposition();
      answer(response, 200, type, text);
    } finally {
      this.#scrapes -= 1;
    }
  }
}

function health(response: ServerResponse, reasons: readonly string[], good: string): void {
  const body = { status: reasons.length ? `not ${good}` : good, reasons };
  answer(response, reasons.length ? 503 : 200, 'application/json', `${JSON.stringify(body)}\n`);
}

/** To HEAD requests Node sends the headers alone. */
function answer(
  response: ServerResponse,
  status: number,
  type: string,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    ...headers,
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(text);
}

function refusal(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const cure = "Set another in 'observability.port' or REVENGE__OBSERVABILITY__PORT";
  const told = (what: string, how: string): KernelError => new KernelError('RV_PORT', what, how, { cause: error });
  switch (error.code) {
    case 'EADDRINUSE':
      return told(
        `Port ${port} of the observability server is in use by another program.`,
        `${cure}, or stop that program.`,
      );
    case 'EACCES':
      return told(`This user may not open port ${port} for the observability server.`, `${cure}; above 1023 all may.`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return told(
        `This machine has no address '${host}' for the observability server.`,
        "Set 'observability.host' to one it has: 127.0.0.1 for this machine alone.",
      );
    default:
      return error;
  }
}
