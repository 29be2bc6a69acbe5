import type { ContractDef } from '@revenge/sdk';
import type { KernelLog } from '../log/log.ts';
import type { Connection } from './connection.ts';
import type { PluginDatabase, PluginDatabases } from './database.ts';
import { isCurrent, runSteps, type Step } from './migrate.ts';
import { withMigrationLock } from './migration-lock.ts';
import { exportsOf, loadMigrations, type NamedMigration } from './plugin-steps.ts';
import { SchemaDatabase } from './plugin-database.ts';
import type { DatabasePool } from './pool.ts';
import { searchPathOf } from './search-path.ts';
import { statement } from './statement.ts';
import { type Entities, sourceOnClient, sourceOnPool } from './typeorm-source.ts';

export interface PluginDatabasesDeps {
  readonly pool: DatabasePool;
  /** For migrations, which run on a connection of their own. */
  readonly connection: Connection;
  readonly log: KernelLog;
}

/** Names that PostgreSQL or the kernel holds. */
const TAKEN = /^(core|public|information_schema|pg_.*)$/;

export class TypeOrmPluginDatabases implements PluginDatabases {
  constructor(private readonly deps: PluginDatabasesDeps) {}

  async open(contract: ContractDef): Promise<PluginDatabase> {
    const { pool, log } = this.deps;
    const schema = schemaOf(contract.id);
    const { entities = [], migrations = [] } = contract.database ?? {};
    const found = (await exportsOf(entities)).filter(isEntity);
    await this.#migrate(schema, await loadMigrations(contract.id, migrations));
    const path = searchPathOf(schema);
    const source = found.length ? await sourceOnPool(pool, path, { schema, entities: found as Entities }) : undefined;
    return new SchemaDatabase({ plugin: contract.id, pool, log, path, source });
  }

  async #migrate(schema: string, migrations: readonly NamedMigration[]): Promise<void> {
    const names = migrations.map(({ name }) => ({ name, up: async () => undefined }));
    const query = async (text: string, values: readonly unknown[]) =>
      (await this.deps.pool.query<{ name: string }>(statement(text, values))).rows;
    if (await isCurrent(query, { schema, steps: names })) return;
    await withMigrationLock(this.deps, async (client) => {
      const steps = migrations.map(({ name, transaction, up }): Step => ({
        name,
        transaction,
        up: async (on) => {
          const source = await sourceOnClient(on, schema);
          const runner = source.createQueryRunner();
          await up(runner);
          await runner.release();
          await source.destroy();
        },
      }));
      await runSteps(client, { schema, steps }, this.deps.log);
    });
  }
}

/** 'media-notes' → media_notes. */
export function schemaOf(plugin: string): string {
  const schema = plugin.replaceAll('-', '_');
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(schema) || TAKEN.test(schema))
    throw new Error(
      `plugin '${plugin}' cannot have a database schema of its name: it must be of lower case letters, digits and dashes, start with a letter, ` +
        'and be none of core, public, information_schema, pg-…',
    );
  return schema;
}

/** What TypeORM can map: an EntitySchema, or a class (whether it is decorated, TypeORM says itself). */
const isEntity = (value: unknown): boolean =>
  typeof value === 'function' ||
  (typeof value === 'object' &&
    value !== null &&
    (value as { '@instanceof'?: unknown })['@instanceof'] === Symbol.for('EntitySchema'));
