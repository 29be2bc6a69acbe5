import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders, type RequestOptions } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Authenticator, ContractDef, Identity } from '@revenge/sdk';
import type { RateLimits, WebhookStore } from '../../src/access/access-control.ts';
import { TokenAccess } from '../../src/access/token-access.ts';
import { databaseProblem } from '../../src/database/database-problem.ts';
import { SignedLinks } from '../../src/access/signed-links.ts';
import type { ServerConfig } from '../../src/config/server-config.ts';
import type { HttpDeps } from '../../src/http/http-deps.ts';
import type { AnyHandler, Mounted } from '../../src/http/mount.ts';
import { linkOrigin } from '../../src/http/request-origin.ts';
import { HttpServer } from '../../src/http/server.ts';
import { limitParts } from '../../src/lifecycle/duration.ts';
import type { KernelLog } from '../../src/log/log.ts';
import { PromMetrics } from '../../src/metrics/prom-metrics.ts';

export interface Line {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}
/** Keeps what is logged, for tests to read. */
export class KeptLog implements KernelLog {
  readonly lines: Line[] = [];
  #add(level: string, message: string | Error, fields: object = {}): void {
    this.lines.push({ level, message: String(message), fields: { ...fields } });
  }
  debug(m: string, f?: object): void {
    this.#add('debug', m, f);
  }
  info(m: string, f?: object): void {
    this.#add('info', m, f);
  }
  warn(m: string, f?: object): void {
    this.#add('warn', m, f);
  }
  error(m: string | Error, f?: object): void {
    this.#add('error', m, f);
  }
  infoJson(message: string, members: string): void {
    this.#add('info', message, JSON.parse(`{${members}}`) as object);
  }
  child(): KernelLog {
    return this;
  }
  flush(): void {
    this.lines.splice(0, 0);
  }
}

export const person = (name: string, permissions: Identity['permissions'] = []): Identity => ({
  id: name,
  name,
  credential: { kind: 'session', id: `session-${name}` },
  permissions,
  languages: [],
});

/** Knows 'token-NAME' for each of its people, who hold the grants they are given. */
export class People implements Authenticator {
  readonly revoked = new Set<string>();
  readonly grants = new Set<string>();
  constructor(readonly people: Readonly<Record<string, Identity>>) {}
  async authenticate({ secret }: { readonly secret: string }): Promise<Identity | undefined> {
    const name = secret.replace(/^token-/, '');
    return secret.startsWith('token-') && !this.revoked.has(name) ? this.people[name] : undefined;
  }
  async identity(id: string, credential?: string): Promise<Identity | undefined> {
    return this.revoked.has(id) || (credential !== undefined && this.revoked.has(credential))
      ? undefined
      : this.people[id];
  }
  async holds(user: string, grant: string, id: string): Promise<boolean> {
    return this.grants.has(`${user} ${grant} ${id}`);
  }
  async granted(): Promise<readonly string[]> {
    return [];
  }
}

class MemoryLimits implements RateLimits {
  readonly #counts = new Map<string, number>();
  async hit(ref: { plugin: string }, key: string, limit: Parameters<RateLimits['hit']>[2]) {
    const n = (this.#counts.get(ref.plugin + key) ?? 0) + 1;
    this.#counts.set(ref.plugin + key, n);
    return { allowed: n <= limitParts(limit).count, retryAfter: 7 };
  }
}
class MemoryWebhooks implements WebhookStore {
  readonly stored: { route: string; raw: string; state: string }[] = [];
  async store(_ref: unknown, route: string, raw: Buffer) {
    const repeated = this.stored.some((s) => s.raw === raw.toString());
    this.stored.push({ route, raw: raw.toString(), state: 'accepted' });
    return { id: String(this.stored.length - 1), repeated };
  }
  async refuse(id: string) {
    const row = this.stored[Number(id)];
    if (row) row.state = 'refused';
  }
}

/** A running instance, as the plugin host would mount it, that counts what the HTTP layer does with it. */
export class Instance implements Mounted {
  readonly failures: { error: unknown; route: string }[] = [];
  readonly abort = new AbortController();
  readonly webhookSecret: string | undefined;
  readonly ref;
  open = 0;
  stopping = false;
  down: ReturnType<Mounted['status']> = { state: 'ready', reason: undefined, retryAfter: 5 };
  constructor(
    readonly contract: ContractDef,
    readonly routes: Readonly<Record<string, AnyHandler>> | undefined,
    instance = 'main',
    secret?: string,
  ) {
    this.ref = { plugin: contract.id, instance };
    this.webhookSecret = secret;
  }
  get signal(): AbortSignal {
    return this.abort.signal;
  }
  status(): ReturnType<Mounted['status']> {
    return this.down;
  }
  enter(): boolean {
    if (this.stopping) return false;
    this.open++;
    return true;
  }
  leave(): void {
    this.open--;
  }
  failed(error: unknown, route: string): void {
    this.failures.push({ error, route });
  }
}

/** Handlers as a plugin writes them are typed by their contract; the kernel calls them all alike. */
export const handlers = (routes: Readonly<Record<string, (request: never) => unknown>>): Record<string, AnyHandler> =>
  routes as never;

export interface Running {
  readonly server: HttpServer;
  readonly port: number;
  readonly log: KeptLog;
  readonly people: People;
  readonly links: SignedLinks;
  readonly webhooks: MemoryWebhooks;
  readonly metrics: PromMetrics;
  readonly data: string;
  readonly deps: HttpDeps;
  call(method: string, path: string, init?: CallInit): Promise<Answer>;
  stop(): Promise<void>;
}
export interface CallInit extends Pick<RequestOptions, 'agent'> {
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Uint8Array;
  readonly json?: unknown;
  readonly as?: string;
}
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever the server answered
  readonly json: any;
}

export interface Setup {
  readonly server?: Partial<ServerConfig['server']>;
  readonly deps?: Partial<HttpDeps>;
  readonly people?: Readonly<Record<string, Identity>>;
  readonly noAuthenticator?: boolean;
}

export async function serve(instances: readonly Mounted[], setup: Setup = {}): Promise<Running> {
  const data = mkdtempSync(join(tmpdir(), 'revenge-http-'));
  const log = new KeptLog();
  const people = new People(
    setup.people ?? { ada: person('ada', '*'), bob: person('bob', ['demo:look']), eve: person('eve') },
  );
  const webhooks = new MemoryWebhooks();
  const metrics = new PromMetrics();
  const config = configOf(data, setup.server ?? {});
  const links = new SignedLinks({
    key: randomBytes(32),
    origin: linkOrigin(config.server.publicUrl, () => 'http://fallback.test'),
  });
  const none = (): never => {
    throw new Error('not part of this test');
  };
  const authenticators = { current: () => (setup.noAuthenticator ? undefined : people) };
  const deps: HttpDeps = {
    config,
    log,
    metrics,
    readiness: { started: () => true, reasons: () => [] },
    authenticators,
    access: new TokenAccess(authenticators),
    links,
    databaseProblem,
    limits: new MemoryLimits(),
    webhooks,
    plugins: none,
    jobs: { list: none } as never,
    events: {} as never,
    ...setup.deps,
  };
  const server = new HttpServer(deps);
  server.mount({ instances });
  const { port } = await server.listen();
  return {
    server,
    port,
    log,
    people,
    links,
    webhooks,
    metrics,
    data,
    deps,
    call: (method, path, init) => call(port, method, path, init),
    stop: async () => {
      await server.drain();
      rmSync(data, { recursive: true });
    },
  };
}

function configOf(data: string, server: Partial<ServerConfig['server']>): ServerConfig {
  return {
    data,
    roles: ['api'],
    server: {
      host: '127.0.0.1',
      port: 0,
      publicUrl: undefined,
      trustedProxies: [],
      corsOrigins: [],
      drainSeconds: 1,
      ...server,
    },
    observability: { host: '127.0.0.1', port: 0 },
    database: { url: undefined, pool: 1, statementTimeoutMs: 1_000 },
    log: { level: 'info', file: undefined },
    packages: [],
    required: undefined,
    plugins: {},
  } as unknown as ServerConfig;
}

export function call(port: number, method: string, path: string, init: CallInit = {}): Promise<Answer> {
  const body = init.json === undefined ? init.body : JSON.stringify(init.json);
  const headers = {
    ...(init.json !== undefined && { 'content-type': 'application/json' }),
    ...(init.as !== undefined && { authorization: `Bearer token-${init.as}` }),
    ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
    ...init.headers,
  };
  return new Promise((resolve, reject) => {
    const req = httpRequest({ port, host: '127.0.0.1', method, path, headers, agent: init.agent ?? false }, (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.on('error', reject);
      res.on('end', () => resolve(answerOf(res.statusCode ?? 0, res.headers, Buffer.concat(chunks))));
    });
    req.on('error', reject);
    req.end(body);
  });
}
function answerOf(status: number, headers: IncomingHttpHeaders, bytes: Buffer): Answer {
  const text = bytes.toString('utf8');
  return {
    status,
    headers,
    bytes,
    text,
    json:
      /json/.test(headers['content-type'] ?? '') && !headers['content-encoding'] && text ? JSON.parse(text) : undefined,
  };
}

/** Bytes as they are, for what no HTTP client would send. Resolves with all that came back when the server closed. */
export function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let got = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk) => (got += chunk.toString('latin1')));
    socket.on('close', () => resolve(got));
    socket.on('error', reject);
  });
}

/** Asks until it holds; fails after five seconds. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`never came true: ${what}`);
    await new Promise((resolve) => void setTimeout(resolve, 10));
  }
}
