import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What TypeORM calls a migration, with the name that says it ran. */
export interface NamedMigration {
  readonly name: string;
  readonly transaction: boolean;
  up(runner: QueryRunner): Promise<void>;
}

type Thunk = () => Promise<object>;

/** Every migration that these modules export, classes or objects, in the order of their names: by the time in them where they carry one. */
export async function loadMigrations(plugin: string, thunks: readonly Thunk[]): Promise<NamedMigration[]> {
  const exported = await exportsOf(thunks);
  const found = exported.flatMap((value) => {
    const made = typeof value === 'function' && isMigration(value.prototype) ? construct(value) : value;
    return isMigration(made) ? [named(plugin, made, typeof value === 'function' ? value.name : '')] : [];
  });
  return found.toSorted((a, b) => compare(stamp(a.name), stamp(b.name)) || compare(a.name, b.name));
}

export async function exportsOf(thunks: readonly Thunk[]): Promise<unknown[]> {
  const modules = await Promise.all(thunks.map((load) => load()));
  return [...new Set(modules.flatMap((module) => Object.values(module) as unknown[]))];
}

const isMigration = (value: unknown): value is MigrationInterface =>
  typeof value === 'object' && value !== null && typeof (value as { up?: unknown }).up === 'function';

const construct = (type: object): unknown => new (type as new () => unknown)(); // its prototype has `up`

function named(plugin: string, migration: MigrationInterface, className: string): NamedMigration {
  const name = migration.name ?? className;
  if (!name || name === 'default')
    throw new Error(`a migration of plugin '${plugin}' has no name: write \`name = '<yyyymmddhhmmss>-<what>'\` in it`);
  return { name, transaction: migration.transaction !== false, up: (runner) => migration.up(runner) };
}

const stamp = (name: string): string => (/(\d{8,})/.exec(name)?.[1] ?? '').padEnd(17, '0');
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
