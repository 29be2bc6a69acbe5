import type { ServerConfig } from '../config/server-config.ts';
import { KernelError } from '../errors.ts';
import type { HealthState } from '../health/health-state.ts';
import type { Disposer } from '../lifecycle/disposer.ts';
import type { KernelLog } from '../log/log.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { checkServer } from './check-server.ts';
import type { Connection } from './connection.ts';
import type { CoreMigration } from './core-migration.ts';
import { DatabaseHealth } from './database-health.ts';
import { startEmbedded } from './embedded/start-embedded.ts';
import { migrateCore } from './migrate.ts';
import { DatabasePool } from './pool.ts';
import { PostgresBus } from './postgres-bus.ts';
import { PostgresDatabase } from './postgres-database.ts';
import { QueryMeters } from './query-meters.ts';
import { TypeOrmPluginDatabases } from './typeorm-plugin-databases.ts';

export interface OpenedDatabase {
  readonly pool: DatabasePool;
  readonly database: PostgresDatabase;
  readonly pluginDatabases: TypeOrmPluginDatabases;
  readonly bus: PostgresBus;
  readonly connection: Connection;
  /** A database of our own, which its lock gives to this server alone. */
  readonly own: boolean;
  /** In words: 'own PostgreSQL 18.4', 'PostgreSQL 16.2 of DATABASE_URL'. */
  readonly name: string;
}
export interface OpenDatabaseDeps {
  readonly config: ServerConfig;
  readonly log: KernelLog;
  readonly metrics: Metrics;
  readonly health: HealthState;
  readonly migrations: readonly (readonly CoreMigration[])[];
  readonly lost: (reason: string) => void;
}

/** The own PostgreSQL or yours, checked, migrated and listened to. What was begun is in `ends`, also when this rejects. */
export async function openDatabase(deps: OpenDatabaseDeps, ends: Disposer): Promise<OpenedDatabase> {
  const { config, log, metrics, health, migrations } = deps;
  const { connection, name, own } = await reach(deps, ends);
  const databaseHealth = new DatabaseHealth({ connection, log });
  databaseHealth.onChange((reason) => health.set('database', reason?.replace(/^database: /, '')));
  const meters = new QueryMeters(metrics);
  const settings = {
    applicationName: 'revenge',
    max: config.database.pool,
    statementTimeoutMs: config.database.statementTimeoutMs,
  };
  const pool = new DatabasePool(connection, settings, {
    log,
    observe: (operation, seconds, error) => {
      meters.observe(operation, seconds, error);
      databaseHealth.observe(operation, seconds, error);
    },
    connectFailed: (error) => databaseHealth.observe('other', 0, error),
  });
  ends.add(() => pool.stop());
  await migrateCore({ connection, log }, migrations).catch((error: unknown) => {
    throw refused('RV_DATABASE', error);
  });
  databaseHealth.start();
  ends.add(() => databaseHealth.stop());
  const database = new PostgresDatabase({ pool, log });
  const bus = new PostgresBus({ connection, database, log });
  await bus.start();
  ends.add(() => bus.stop());
  return {
    pool,
    database,
    bus,
    connection,
    name,
    own,
    pluginDatabases: new TypeOrmPluginDatabases({ pool, connection, log }),
  };
}

async function reach(
  { config, log, lost }: OpenDatabaseDeps,
  ends: Disposer,
): Promise<Pick<OpenedDatabase, 'connection' | 'name' | 'own'>> {
  const { url, pool } = config.database;
  if (url) {
    const { version } = await checkServer(url, pool).catch((error: unknown) => {
      throw new KernelError(
        'RV_DATABASE',
        `The database of DATABASE_URL cannot be used: ${error instanceof Error ? error.message : String(error)}`,
        "'revenge doctor' looks closer; without DATABASE_URL the server starts a PostgreSQL of its own.",
        { cause: error },
      );
    });
    return { own: false, connection: url, name: `PostgreSQL ${version} of DATABASE_URL` };
  }
  const own = await startEmbedded({ data: config.data, log, apiPort: config.server.port, onLost: lost }).catch(
    (error: unknown) => {
      throw refused(/^another Revenge/i.test(String((error as Error).message)) ? 'RV_LOCKED' : 'RV_DATABASE', error);
    },
  );
  ends.add(() => own.stop());
  return { own: true, connection: own.connection, name: `own PostgreSQL ${own.version}` };
}

/** The database's own words say what is wrong and how to mend it. */
const refused = (code: 'RV_DATABASE' | 'RV_LOCKED', error: unknown): KernelError => {
  const text = error instanceof Error ? error.message : String(error);
  return new KernelError(code, text.charAt(0).toUpperCase() + text.slice(1), "'revenge doctor' looks closer.", {
    cause: error,
  });
};
