import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Grants as GrantsService } from '@revenge/plugin-auth/contract';
import { definePlugin, Problem } from '@revenge/sdk';
import { createTestHost } from '@revenge/sdk/testing';
import type { Ctx } from '../src/context.ts';
import { contract } from '../src/contract.ts';
import plugin from '../src/plugin.ts';

type RouteName = keyof (typeof contract)['routes'];
export interface Call {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: unknown;
  /** A user id; an administrator unless told. */
  readonly as?: string;
}
export interface Answer {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- a test reads what it knows is there
  readonly body: any;
}
/** User → grant → libraries; a user who is not here is an administrator. */
export type Grants = Map<string, Readonly<Record<string, readonly string[]>>>;
export const ADMIN = '00000000-0000-7000-8000-000000000001';

/** The plugin's context, with each of its statements counted. */
function counted(ctx: Ctx, count: () => void): Ctx {
  const db = {
    ...ctx.db,
    sql: (...args: Parameters<Ctx['db']['sql']>) => (count(), ctx.db.sql(...args)),
    query: (...args: Parameters<Ctx['db']['query']>) => (count(), ctx.db.query(...args)),
  };
  return Object.create(ctx, { db: { value: db } }) as Ctx; // the getters of ctx stay what they are
}

/** The plugin on the real kernel, with a folder of its own for media; `stop` removes both. */
export async function startLibrary(config: object = {}, grantsService?: Partial<GrantsService>) {
  const folder = mkdtempSync(join(tmpdir(), 'revenge-library-'));
  const grants: Grants = new Map();
  const may = (user: string, grant: string) => {
    const held = grants.get(user);
    return held ? (held[grant] ?? []) : ('*' as const);
  };
  let statements = 0;
  const contexts: Ctx[] = [];
  const observed = definePlugin(contract, (ctx) => {
    contexts.push(ctx);
    return plugin.setup(counted(ctx, () => void (statements += 1)));
  });
  const host = await createTestHost(observed, {
    config,
    services: {
      ...(grantsService && { grants: grantsService }),
      access: {
        granted: async (user, grant) => may(user, grant),
        holds: async (user, grant, id) => may(user, grant) === '*' || may(user, grant).includes(id),
      },
    },
  } as Parameters<typeof createTestHost<typeof contract>>[1]);
  if (host.state !== 'ready' && host.state !== 'degraded') throw new Error(`${host.state}: ${host.reason}`);
  const [ctx] = contexts;
  if (!ctx) throw new Error('the plugin was not set up');
  const request = async (key: RouteName, { as, ...init }: Call = {}): Promise<Answer> => {
    const user = { id: as ?? ADMIN, ...(grants.has(as ?? ADMIN) && { permissions: [] }) };
    try {
      const call = host.request as (key: string, init: object) => Promise<Answer>;
      const { status, body } = await call(key, { ...init, as: user });
      return { status, body };
    } catch (error) {
      if (!Problem.is(error)) throw error;
      return { status: error.status, body: JSON.parse(JSON.stringify(error)) as object };
    }
  };
  const startScan = async (libraryId: string, scan_type = 'full'): Promise<string> => {
    const { status, body } = await request('POST /libraries/:libraryId/scan', {
      params: { libraryId },
      body: { scan_type },
    });
    if (status !== 202) throw new Error(`${status}: ${JSON.stringify(body)}`);
    return String(body.id);
  };
  const endOf = async (libraryId: string, scanId: string) => {
    const params = { libraryId, scanId };
    let scan = await request('GET /libraries/:libraryId/scans/:scanId', { params });
    await until(async () => {
      scan = await request('GET /libraries/:libraryId/scans/:scanId', { params });
      return scan.body.status !== 'pending' && scan.body.status !== 'running';
    });
    return scan.body;
  };
  return {
    host,
    folder,
    grants,
    db: ctx.db,
    request,
    provides: () => host.provides.library,
    /** Statements that the work took outside of transactions. */
    counting: async (work: () => Promise<unknown>): Promise<number> => {
      const before = statements;
      await work();
      return statements - before;
    },
    /** Sets the plugin up once more on the same database, as a restart does. */
    restart: async (changed: object = {}): Promise<void> => {
      const again = await plugin.setup(Object.create(ctx, { config: { value: { ...ctx.config, ...changed } } }));
      await again.start?.();
    },
    remove: (...paths: readonly string[]) => {
      for (const path of paths) rmSync(join(folder, path), { recursive: true });
    },
    /** Writes files below the folder; the text is their content, enough to be listed with a problem. */
    write: (...paths: readonly string[]) => {
      for (const path of paths) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), `not really a film: ${path}`);
      }
    },
    add: async (type: 'movie' | 'tvshow', path: string, name: string = path): Promise<string> => {
      mkdirSync(join(folder, path), { recursive: true });
      const { status, body } = await request('POST /libraries', { body: { name, type, paths: [join(folder, path)] } });
      if (status !== 201) throw new Error(`${status}: ${JSON.stringify(body)}`);
      return String(body.id);
    },
    startScan,
    endOf,
    /** Scans and answers how it ended. */
    scan: async (libraryId: string, scan_type = 'full') => endOf(libraryId, await startScan(libraryId, scan_type)),
    titles: async (as?: string): Promise<string[]> => {
      const { body } = await request('GET /movies', { query: { order_by: 'title', limit: 100 }, ...(as && { as }) });
      return body.items.map((movie: { title: string }) => movie.title);
    },
    stop: async () => {
      await host.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
export type LibraryUnderTest = Awaited<ReturnType<typeof startLibrary>>;

/** Asks until it holds, for 20 seconds at most. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error('it never held');
    await new Promise((turn) => setTimeout(turn, 10));
  }
}
