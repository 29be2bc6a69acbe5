import type { KernelLog } from '../log/log.ts';
import type { CoreMigration } from './core-migration.ts';
import { sqlState } from './database-error.ts';
import { type MigrationClient, type MigrationDeps, plain, withMigrationLock } from './migration-lock.ts';

/** One step of a schema, however it was written. */
export interface Step {
  readonly name: string;
  up(client: MigrationClient): Promise<void>;
  /** false: runs outside a transaction (CREATE INDEX CONCURRENTLY). Default true. */
  readonly transaction?: boolean;
}
export interface SchemaSteps {
  readonly schema: string;
  readonly steps: readonly Step[];
}

const ATTEMPTS = 3;
const EXTENSIONS = ['pg_trgm', 'unaccent'];

/** Runs what the kernel's schema lacks, all areas' lists together in the order of their names. Makes the schema and the extensions first. */
export async function migrateCore(
  deps: MigrationDeps,
  lists: readonly (readonly CoreMigration[])[],
): Promise<string[]> {
  const steps = lists
    .flat()
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, up }) => ({ name, up: async (client: MigrationClient) => void (await plain(client, up)) }));
  return withMigrationLock(deps, async (client) => {
    await createExtensions(client, deps.log);
    return runSteps(client, { schema: 'core', steps }, deps.log);
  });
}

/** Answers the names of what ran. The caller holds the migration lock with `client`. */
export async function runSteps(
  client: MigrationClient,
  { schema, steps }: SchemaSteps,
  log: KernelLog,
): Promise<string[]> {
  const twice = steps.find(({ name }, i) => steps.findIndex((step) => step.name === name) !== i);
  if (twice) throw new Error(`two migrations of '${schema}' are named ${twice.name}: give each a name of its own`);
  await told(schema, 'its schema', () =>
    plain(
      client,
      `create schema if not exists "${schema}";
       create table if not exists "${schema}".schema_migrations (
         name text primary key, ran_at timestamptz not null default now())`,
    ),
  );
  const ran = new Set(
    (await plain<{ name: string }>(client, `select name from "${schema}".schema_migrations`)).map(({ name }) => name),
  );
  const pending = steps.filter(({ name }) => !ran.has(name));
  await plain(client, `set search_path to "${schema}", public`);
  for (const step of pending) {
    log.info(`migrating ${schema}: ${step.name}`);
    await told(schema, `migration ${step.name}`, () => runStep(client, schema, step));
  }
  return pending.map(({ name }) => name);
}

async function runStep(client: MigrationClient, schema: string, step: Step): Promise<void> {
  const done = `insert into "${schema}".schema_migrations (name) values ($1)`;
  for (let attempt = 1; ; attempt++) {
    if (step.transaction === false) {
      await step.up(client);
      await plain(client, done, [step.name]);
      return;
    }
    try {
      await plain(client, 'begin');
      await step.up(client);
      await plain(client, done, [step.name]);
      await plain(client, 'commit');
      return;
    } catch (error) {
      if (client.lost) throw error;
      await plain(client, 'rollback');
      if (sqlState(error) !== '55P03' || attempt === ATTEMPTS) throw error;
    }
  }
}

/** Whether every step ran already, asked without the lock: the usual start needs no connection of its own. */
export async function isCurrent(
  query: (sql: string, values: readonly unknown[]) => Promise<{ readonly name: string }[]>,
  { schema, steps }: SchemaSteps,
): Promise<boolean> {
  const exists = await query('select schemaname as name from pg_tables where schemaname = $1 and tablename = $2', [
    schema,
    'schema_migrations',
  ]);
  if (!exists.length) return false;
  const ran = new Set((await query(`select name from "${schema}".schema_migrations`, [])).map(({ name }) => name));
  return steps.every(({ name }) => ran.has(name));
}

async function createExtensions(client: MigrationClient, log: KernelLog): Promise<void> {
  for (const name of EXTENSIONS) {
    try {
      await plain(client, `create extension if not exists ${name} with schema public`);
    } catch (error) {
      log.warn(
        `the extension ${name} could not be made (${message(error)}): let an administrator run ` +
          `'create extension ${name} with schema public' in this database once`,
      );
    }
  }
}

const CURE: Readonly<Record<string, string>> = {
  '42501': "the database's user may not do this: 'grant create on database … to …', or make it the database's owner",
  '55P03': 'another session holds a lock on its table: end that session, or start again when it is idle',
  '53100': 'the disk of the database is full: make room and start again',
  '25006': 'the database takes no writes: connect to its primary',
  '57014': 'it was cancelled: start again',
};

async function told<T>(schema: string, what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const state = sqlState(error);
    const cure = CURE[state ?? ''] ?? 'start the previous release again, and report this with its text';
    throw new Error(
      `${what} of '${schema}' failed: ${message(error)}${state ? ` (SQLSTATE ${state})` : ''}. Nothing of it was stored; ${cure}`,
      { cause: error },
    );
  }
}

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error));
