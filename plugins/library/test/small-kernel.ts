import { GiveUp, Problem, problem } from '@revenge/sdk';
import type { Database, JobState, Schema } from '@revenge/sdk';
import { DatabasePool } from '../../../core/src/database/pool.ts';
import { TypeOrmPluginDatabases } from '../../../core/src/database/typeorm-plugin-databases.ts';
import { MemoryLog } from '../../../core/test/database/open-database.ts';
import type { Ctx } from '../src/context.ts';
import { contract } from '../src/contract.ts';
import plugin from '../src/plugin.ts';

type Contract = typeof contract;
type RouteName = keyof Contract['routes'];
type ScanInput = { readonly library_id: string; readonly scan_id: string };

/** What outlives a node: its jobs and what was told of it. */
export class Surroundings {
  readonly jobs = new Map<string, { state: JobState['state']; input: ScanInput; attempt: number }>();
  readonly events: { readonly name: string; readonly payload: object }[] = [];
  /** User → grant → libraries; a user who is not here is an administrator. */
  readonly grants = new Map<string, Readonly<Record<string, readonly string[]>>>();
  readonly degraded = new Map<string, string>();
}
export interface Call {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: unknown;
  readonly as?: string;
}
export interface Answer {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- a test reads what it knows is there
  readonly body: any;
}
export const ADMIN = '00000000-0000-7000-8000-000000000001';

async function openDatabase(url: string, around: Surroundings, count: () => void) {
  const log = new MemoryLog();
  const pool = new DatabasePool(
    url,
    { applicationName: 'library tests', statementTimeoutMs: 20_000, max: 5 },
    { log, observe: count as never },
  );
  const opened = await new TypeOrmPluginDatabases({ pool, connection: url, log }).open(contract);
  const transaction = async <T>(work: (tx: object) => Promise<T>): Promise<T> => {
    let after: (() => void)[] = [];
    const result = await opened.transaction((tx) => {
      after = [];
      return work({
        sql: tx.sql.bind(tx),
        query: tx.query.bind(tx),
        events: emitters(around, (emit) => void after.push(emit)),
        jobs: { scan: queue(around) },
      });
    });
    after.forEach((emit) => emit());
    return result;
  };
  const db = { sql: opened.sql.bind(opened), query: opened.query.bind(opened), transaction };
  return {
    db: db as unknown as Database<Contract>,
    close: async () => {
      await opened.close();
      await pool.stop();
    },
  };
}

const emitters = (around: Surroundings, when: (emit: () => void) => void) =>
  Object.fromEntries(
    Object.entries(contract.emits).map(([name, token]) => [
      name,
      {
        emit: async (payload: object) => {
          const checked = (await validated(token.payload, payload, name)) as object;
          when(() => void around.events.push({ name, payload: checked }));
        },
      },
    ]),
  );
const queue = (around: Surroundings) => ({
  enqueue: async (input: ScanInput) => {
    const id = `job-${around.jobs.size + 1}`;
    around.jobs.set(id, { state: 'waiting', input, attempt: 0 });
    return { id };
  },
});

/** Stands in for the kernel on a real database: ctx, doors, schemas and a queue of one lane, without HTTP. */
export async function startSmallKernel(url: string, around: Surroundings, config: object = {}) {
  const stopping = new AbortController();
  const running = new Map<string, AbortController>();
  const ends: (() => unknown)[] = [];
  let statements = 0;
  const { db, close } = await openDatabase(url, around, () => void (statements += 1));
  const may = (user: string, grant: string) => {
    const grants = around.grants.get(user);
    return grants ? (grants[grant] ?? []) : ('*' as const);
  };
  const silent = { inc: () => undefined, observe: () => undefined, bind: () => silent };
  const ctx = {
    config: await validated(contract.config, config, 'config'),
    db,
    services: {
      access: {
        granted: async (user: string, grant: string) => may(user, grant),
        holds: async (user: string, grant: string, id: string) => may(user, grant) === '*' || may(user, grant).includes(id),
      },
    },
    events: emitters(around, (emit) => emit()),
    jobs: {
      scan: {
        ...queue(around),
        get: async (id: string) => around.jobs.get(id) && { id, progress: 0, state: around.jobs.get(id)?.state },
        cancel: async (id: string) => {
          const job = around.jobs.get(id);
          if (job) job.state = 'cancelled';
          running.get(id)?.abort(new Error('cancelled'));
        },
      },
    },
    metrics: Object.fromEntries(Object.keys(contract.metrics).map((name) => [name, silent])),
    clock: { now: () => new Date(), every: () => undefined },
    status: {
      degraded: (what: string, why: string) => void around.degraded.set(what, why),
      recovered: (what: string) => void around.degraded.delete(what),
    },
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
    url: (key: string, init: object) => `http://localhost/${key}?${JSON.stringify(init)}`,
    onStop: (end: () => unknown) => void ends.unshift(end),
    signal: stopping.signal,
    implement: (x: unknown) => x,
  } as unknown as Ctx;
  const library = await plugin.setup(ctx);
  await library.start?.();

  const runOne = async (id: string): Promise<void> => {
    const job = around.jobs.get(id);
    if (!job) throw new Error(`no job ${id}`);
    const stop = new AbortController();
    running.set(id, stop);
    job.state = 'running';
    job.attempt += 1;
    const signal = AbortSignal.any([stop.signal, stopping.signal]);
    try {
      await library.jobs.scan({ id, input: job.input, attempt: job.attempt, last: job.attempt > 3, signal, progress: () => undefined });
      if (job.state === 'running') job.state = 'done';
    } catch (error) {
      // A node that is gone writes nothing: its job still says running.
      if (!stopping.signal.aborted && job.state === 'running') job.state = GiveUp.is(error) || job.attempt > 3 ? 'failed' : 'waiting';
      if (!GiveUp.is(error) && !signal.aborted) throw error;
    } finally {
      running.delete(id);
    }
  };
  return {
    db,
    ctx,
    provides: library.provides.library,
    request: (key: RouteName, call: Call = {}) => request(library.routes, key, call),
    /** Statements that the work took. */
    counting: async (work: () => Promise<unknown>): Promise<number> => {
      const before = statements;
      await work();
      return statements - before;
    },
    runJob: runOne,
    /** Runs what waits until nothing does. */
    settle: async (): Promise<void> => {
      for (;;) {
        const next = [...around.jobs].find(([, job]) => job.state === 'waiting');
        if (!next) return;
        await runOne(next[0]);
      }
    },
    stop: async (): Promise<void> => {
      stopping.abort(new Error('stopped'));
      for (const end of ends) await end();
      await close();
    },
  };
}
export type SmallKernel = Awaited<ReturnType<typeof startSmallKernel>>;

async function request(routes: object, key: RouteName, call: Call): Promise<Answer> {
  try {
    return await answer(routes, key, call);
  } catch (error) {
    if (!Problem.is(error)) throw error;
    return { status: error.status, body: JSON.parse(JSON.stringify(error)) as object };
  }
}

async function answer(routes: object, key: RouteName, call: Call): Promise<Answer> {
  const route: { params?: Schema; query?: Schema; body?: Schema; responses: Record<number, Schema> } = contract.routes[key];
  const id = call.as ?? ADMIN;
  const handler = (routes as Record<string, (request: unknown) => unknown>)[key];
  const result = (await handler?.({
    params: route.params ? await validated(route.params, call.params ?? {}, 'params') : {},
    query: route.query ? await validated(route.query, call.query ?? {}, 'query') : {},
    body: route.body ? await validated(route.body, call.body ?? {}, 'body') : undefined,
    user: { id, name: 'test', credential: { kind: 'session', id: 'session-1' }, can: () => true },
    reply: (status: number, body: unknown) => ({ status, body, '~reply': true }),
  })) as { status: number; body: unknown; '~reply'?: true } | undefined;
  const status = result?.['~reply'] ? result.status : Number(Object.keys(route.responses)[0]);
  const given = result?.['~reply'] ? result.body : result;
  const schema = route.responses[status];
  if (!schema) throw new Error(`${key} answered ${status}, which it does not declare`);
  return { status, body: status === 204 ? undefined : await validated(schema, given, `answer of ${key}`) };
}

async function validated(schema: Schema, input: unknown, where: string): Promise<unknown> {
  const checked = await schema['~standard'].validate(input);
  if (!checked.issues) return checked.value;
  if (where.startsWith('answer')) throw new Error(`${where}: ${JSON.stringify(checked.issues)} (${JSON.stringify(input)})`);
  throw problem.invalid(
    ...checked.issues.map(({ path = [], message }) => ({ path: [where, ...path].map(String).join('.'), message })),
  );
}
