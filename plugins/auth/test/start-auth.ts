import { createTestHost, type TestHost } from '@revenge/sdk/testing';
import { type Context, definePlugin, type Notice, problem, Problem, type Schema } from '@revenge/sdk';
import { contract } from '../src/contract.ts';
import plugin from '../src/plugin.ts';

type Contract = typeof contract;
type Ctx = Context<Contract>;
type Key = keyof Contract['routes'];
type Running = Awaited<ReturnType<(typeof plugin)['setup']>>;

export const PASSWORD = 'correct horse';
export const account = (username: string) => ({ username, email: `${username}@example.org`, password: PASSWORD });

/** The line to the other nodes: cut, live events do not arrive. */
class Cable {
  readonly #real: Ctx['cluster'];
  #cut = false;
  #cuts = 0;
  constructor(real: Ctx['cluster']) {
    this.#real = real;
  }
  get connected(): boolean {
    return !this.#cut && this.#real.connected;
  }
  get epoch(): number {
    return this.#cuts + this.#real.epoch;
  }
  cut(): void {
    this.#cut = true;
    this.#cuts++;
  }
  mend(): void {
    this.#cut = false;
  }
}
export interface Call {
  readonly body?: unknown;
  readonly params?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly token?: string;
  /** As if the connection came from there: over a real socket a test is always on loopback. */
  readonly address?: string;
  readonly agent?: string;
}
export interface Answer {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- a test reads what it knows is there
  readonly body: any;
  readonly headers: Readonly<Record<string, string>>;
}
/** One node of a cluster: the plugin, set up on a context of the kernel, with what it told the operator written down. */
export class Node {
  readonly cable: Cable;
  readonly notices = new Map<string, Notice>();
  readonly logs: { readonly level: string; readonly message: string; readonly fields: object }[] = [];
  readonly db: Ctx['db'];
  #running: Running | undefined;

  private constructor(ctx: Ctx) {
    this.db = ctx.db;
    this.cable = new Cable(ctx.cluster);
  }

  static async start(ctx: Ctx, now: (() => Date) | undefined): Promise<Node> {
    const node = new Node(ctx);
    node.#running = await plugin.setup({
      ...ctx,
      ...node.#observed(ctx),
      ...(now && { clock: { ...ctx.clock, now } }),
    });
    return node;
  }

  get running(): Running {
    if (!this.#running) throw new Error('this node was not set up');
    return this.#running;
  }
  get provides(): Running['provides'] {
    return this.running.provides;
  }

  hear(name: keyof Running['listens'], ...args: Parameters<Running['listens'][typeof name]>): void {
    const listen = this.running.listens[name] as (...args: unknown[]) => void;
    if (this.cable.connected) listen(...args);
  }

  /** A call of a route's handler with its schemas, from wherever the call says. */
  async request(key: Key, call: Call = {}): Promise<Answer> {
    try {
      return await answer(this.running, key, call);
    } catch (error) {
      if (!Problem.is(error)) throw error;
      return { status: error.status, body: JSON.parse(JSON.stringify(error)) as object, headers: error.headers };
    }
  }

  #observed(ctx: Ctx): Pick<Ctx, 'cluster' | 'log' | 'status'> {
    const log =
      (level: string) =>
      (message: string | Error, fields: object = {}) =>
        void this.logs.push({ level, message: String(message), fields });
    const notice = (what: string, shown: Notice | undefined): void => {
      if (shown) this.notices.set(what, shown);
      else this.notices.delete(what);
      ctx.status.notice(what, shown);
    };
    return {
      cluster: this.cable,
      status: { ...ctx.status, notice },
      log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    };
  }
}

export interface AuthUnderTest extends Pick<Node, 'cable' | 'notices' | 'logs' | 'db' | 'provides'> {
  readonly host: TestHost<Contract>;
  /** 'http://127.0.0.1:PORT/api/v1' */
  readonly url: string;
  request: Node['request'];
  /** One more node on the same database, hearing the same events. */
  another(): Promise<Node>;
  stop(): Promise<void>;
}

export async function startAuth({
  config = {},
  now,
}: { readonly config?: object; readonly now?: () => Date } = {}): Promise<AuthUnderTest> {
  const nodes: Node[] = [];
  const contexts: Ctx[] = [];
  const cluster = definePlugin(contract, async (ctx) => {
    contexts.push(ctx);
    const first = await Node.start(ctx, now);
    nodes.push(first);
    const { routes, jobs, provides } = first.running;
    return ctx.implement({
      routes,
      jobs,
      provides,
      listens: {
        sessionRevoked: (...heard) => nodes.forEach((node) => node.hear('sessionRevoked', ...heard)),
        accessChanged: (...heard) => nodes.forEach((node) => node.hear('accessChanged', heard[0] as never, heard[1])),
        firstAccountCreated: (...heard) =>
          nodes.forEach((node) => node.hear('firstAccountCreated', heard[0] as never, heard[1])),
      },
      start: () => first.running.start?.(),
      stop: async () => {
        for (const node of nodes) await node.running.stop?.();
      },
    });
  });
  const host = await createTestHost(cluster, { config });
  const [first, ctx] = [nodes[0], contexts[0]];
  if (!first || !ctx || host.state !== 'ready') throw new Error(`auth is ${host.state}: ${host.reason}`);
  return {
    host,
    url: ctx.url('GET /users/me').replace('/users/me', ''),
    cable: first.cable,
    notices: first.notices,
    logs: first.logs,
    db: first.db,
    provides: first.provides,
    request: (key, call) => first.request(key, call),
    another: async () => {
      const node = await Node.start(ctx, now);
      nodes.push(node);
      await node.running.start?.();
      return node;
    },
    stop: () => host.stop(),
  };
}

/** Registers and signs in; the first one is the administrator. */
export async function member(auth: AuthUnderTest, username: string) {
  const { status, body } = await auth.request('POST /auth/register', { body: account(username) });
  if (status !== 201) throw new Error(`register answered ${status}: ${JSON.stringify(body)}`);
  return { id: String(body.id), ...(await signIn(auth, username)) };
}

export async function signIn(auth: AuthUnderTest, username: string, password = PASSWORD) {
  const { status, body } = await auth.request('POST /auth/login', { body: { username, password } });
  if (status !== 200) throw new Error(`login answered ${status}: ${JSON.stringify(body)}`);
  return { access: String(body.access_token), refresh: String(body.refresh_token) };
}

/** Polls for what another node does within a second. */
export async function eventually<T>(look: () => Promise<T> | T, holds: (value: T) => boolean): Promise<T> {
  for (const end = Date.now() + 5_000; ;) {
    const value = await look();
    if (holds(value) || Date.now() > end) return value;
    await new Promise((turn) => setTimeout(turn, 10));
  }
}

async function answer(running: Running, key: Key, call: Call): Promise<Answer> {
  const route: { access: unknown; params?: Schema; body?: Schema; responses: Record<number, Schema> } =
    contract.routes[key];
  const client = { address: call.address ?? '127.0.0.1', agent: call.agent ?? 'jest' };
  const identity =
    call.token === undefined
      ? undefined
      : await running.provides.authenticator.authenticate({ scheme: 'bearer', secret: call.token, ...client });
  if (route.access === 'user' && !identity) throw problem.unauthorized('Sign in first.');
  const handler = running.routes[key] as unknown as (request: object) => unknown;
  const result = (await handler({
    params: route.params ? await validated(route.params, call.params ?? {}, 'params') : (call.params ?? {}),
    body: route.body ? await validated(route.body, call.body ?? {}, 'body') : undefined,
    user: identity && { ...identity, can: () => identity.permissions === '*' },
    headers: new Headers({ host: 'localhost:8096', ...call.headers }),
    client,
    reply: (status: number, body: unknown) => ({ status, body, '~reply': true }),
  })) as { status: number; body: unknown; '~reply'?: true } | undefined;
  const status = result?.['~reply'] ? result.status : Number(Object.keys(route.responses)[0]);
  const given = result?.['~reply'] ? result.body : result;
  const schema = route.responses[status];
  if (!schema) throw new Error(`${key} answered ${status}, which it does not declare`);
  return { status, body: status === 204 ? undefined : await validated(schema, given, `answer of ${key}`), headers: {} };
}

async function validated(schema: Schema, input: unknown, where: string): Promise<unknown> {
  const checked = await schema['~standard'].validate(input);
  if (!checked.issues) return checked.value;
  if (where.startsWith('answer')) throw new Error(`${where}: ${checked.issues[0]?.message} (${JSON.stringify(input)})`);
  const faults = checked.issues.map(({ path = [], message }) => ({
    path: [where, ...path].map(String).join('.'),
    message,
  }));
  throw problem.invalid(...faults);
}
