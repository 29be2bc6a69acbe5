import { MemoryLog } from '../../../core/test/database/open-database.ts';
import { DatabasePool } from '../../../core/src/database/pool.ts';
import { TypeOrmPluginDatabases } from '../../../core/src/database/typeorm-plugin-databases.ts';
import { problem, type Database, type Notice, Problem, type RouteRequest, type Schema } from '@revenge/sdk';
import { contract } from '../src/contract.ts';
import type { AuthContext } from '../src/auth-context.ts';
import plugin from '../src/plugin.ts';

type Contract = typeof contract;

/** What two nodes share beside the database: live events, which get lost while `connected` is false. */
export class SmallBus {
  readonly #nodes = new Set<(name: string, payload: unknown) => void>();
  readonly emitted: { readonly name: string; readonly payload: unknown }[] = [];

  join(node: (name: string, payload: unknown) => void): () => void {
    this.#nodes.add(node);
    return () => void this.#nodes.delete(node);
  }

  emit(name: string, payload: unknown): void {
    this.emitted.push({ name, payload });
    for (const node of this.#nodes) node(name, payload);
  }
}
export class Cable {
  connected = true;
  epoch = 0;
  cut(): void {
    this.connected = false;
  }
  mend(): void {
    this.connected = true;
    this.epoch++;
  }
}

async function openDatabase(url: string, bus: SmallBus) {
  const log = new MemoryLog();
  const pool = new DatabasePool(url, { applicationName: 'auth tests', statementTimeoutMs: 10_000, max: 5 }, { log });
  const plugins = new TypeOrmPluginDatabases({ pool, connection: url, log });
  const opened = await plugins.open(contract);
  const transaction = async <T>(work: (tx: object) => Promise<T>): Promise<T> => {
    const after: (() => void)[] = [];
    const emitters = Object.keys(contract.emits).map((name) => [
      name,
      { emit: async (payload: unknown) => void after.push(() => bus.emit(name, payload)) },
    ]);
    const result = await opened.transaction((tx) =>
      work({
        sql: tx.sql.bind(tx),
        query: tx.query.bind(tx),
        repository: tx.repository.bind(tx),
        events: Object.fromEntries(emitters) as object,
      }),
    );
    after.forEach((emit) => emit());
    return result;
  };
  const db = {
    sql: opened.sql.bind(opened),
    query: opened.query.bind(opened),
    repository: opened.repository.bind(opened),
    transaction,
  };
  return {
    db: db as unknown as Database<Contract>,
    close: async () => {
      await opened.close();
      await pool.stop();
    },
  };
}

export interface KernelOptions {
  readonly url: string;
  readonly bus: SmallBus;
  readonly cable: Cable;
  readonly config: object;
  readonly now: () => Date;
}
export interface Call {
  readonly body?: unknown;
  readonly params?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly token?: string;
  readonly address?: string;
  readonly agent?: string;
}
export interface Answer {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- a test reads what it knows is there
  readonly body: any;
  readonly headers: Readonly<Record<string, string>>;
}

/** Stands in for the kernel: ctx, doors and schemas, without HTTP. */
type Running = Awaited<ReturnType<(typeof plugin)['setup']>>;
export interface SmallKernel {
  readonly provides: Running['provides'];
  readonly notices: ReadonlyMap<string, Notice>;
  readonly logs: readonly { readonly level: string; readonly message: string; readonly fields: object }[];
  readonly counters: Readonly<Record<string, number>>;
  readonly db: Database<Contract>;
  purgeExpired(): Promise<void>;
  request(key: keyof Contract['routes'], call?: Call): Promise<Answer>;
  stop(): Promise<void>;
}

export async function startSmallKernel(options: KernelOptions): Promise<SmallKernel> {
  const { bus, cable } = options;
  const { db, close } = await openDatabase(options.url, bus);
  const notices = new Map<string, Notice>();
  const logs: { readonly level: string; readonly message: string; readonly fields: object }[] = [];
  const timers: NodeJS.Timeout[] = [];
  const counters: Record<string, number> = {};
  const taken = new Map<string, number>();
  const stopping = new AbortController();
  const log =
    (level: string) =>
    (message: string | Error, fields: object = {}) =>
      void logs.push({ level, message: String(message), fields });
  const metric = (name: string) => {
    const at = (labels: object) => `${name}${JSON.stringify(labels)}`;
    return {
      inc: (labels: object = {}) => void (counters[at(labels)] = (counters[at(labels)] ?? 0) + 1),
      set: (n: number) => void (counters[name] = n),
    };
  };
  const ctx = {
    config: await validated(contract.config, options.config, 'config'),
    db,
    metrics: Object.fromEntries(Object.keys(contract.metrics).map((name) => [name, metric(name)])),
    clock: { now: options.now, every: (_: string, work: () => void) => void timers.push(setInterval(work, 10_000)) },
    cluster: cable,
    limiter: {
      take: async (key: string, limit: string) => {
        taken.set(key, (taken.get(key) ?? 0) + 1);
        return (taken.get(key) ?? 0) <= Number.parseInt(limit, 10);
      },
      reset: async (key: string) => void taken.delete(key),
    },
    status: {
      notice: (what: string, notice: Notice | undefined) =>
        notice ? void notices.set(what, notice) : void notices.delete(what),
    },
    log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    url: () => 'http://localhost:8096/api/v1/auth/register',
    signal: stopping.signal,
    implement: (x: unknown) => x,
  } as unknown as AuthContext;
  const running = await plugin.setup(ctx);
  const leave = bus.join((name, payload) => {
    const listen = running.listens[name as 'sessionRevoked'];
    if (cable.connected) void listen(payload as never, {} as never);
  });
  await running.start?.();

  return {
    provides: running.provides,
    purgeExpired: async () =>
      running.jobs.purgeExpired({
        id: 'x',
        input: {},
        attempt: 1,
        last: false,
        signal: stopping.signal,
        progress: () => undefined,
      }),
    notices,
    logs,
    counters,
    db,
    async request(key: keyof Contract['routes'], call: Call = {}): Promise<Answer> {
      try {
        return await answer(running, key, call);
      } catch (error) {
        if (!Problem.is(error)) throw error;
        return { status: error.status, body: JSON.parse(JSON.stringify(error)) as object, headers: error.headers };
      }
    },
    async stop() {
      timers.forEach(clearInterval);
      leave();
      stopping.abort();
      await running.stop?.();
      await close();
    },
  };
}

async function answer(running: Running, key: keyof Contract['routes'], call: Call): Promise<Answer> {
  const route: { access: unknown; params?: Schema; body?: Schema; responses: Record<number, Schema> } =
    contract.routes[key];
  const client = { address: call.address ?? '127.0.0.1', agent: call.agent ?? 'jest' };
  const { authenticator } = running.provides;
  const identity =
    call.token === undefined
      ? undefined
      : await authenticator.authenticate({ scheme: 'bearer', secret: call.token, ...client });
  if (route.access === 'user' && !identity) throw problem.unauthorized('Sign in first.');
  const request = {
    params: route.params ? await validated(route.params, call.params ?? {}, 'params') : (call.params ?? {}),
    body: route.body ? await validated(route.body, call.body ?? {}, 'body') : undefined,
    user: identity && { ...identity, can: () => identity.permissions === '*' },
    headers: new Headers({ host: 'localhost:8096', ...call.headers }),
    client,
    reply: (status: number, body: unknown) => ({ status, body, '~reply': true }),
  };
  const handler = running.routes[key] as (request: unknown) => unknown;
  const result = (await handler(request as unknown as RouteRequest<never, never, never, never, never, never>)) as
    | { status: number; body: unknown; '~reply'?: true }
    | undefined;
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
  throw problem.invalid(
    ...checked.issues.map((issue) => ({
      path: [where, ...(issue.path ?? [])].map(String).join('.'),
      message: issue.message,
    })),
  );
}
