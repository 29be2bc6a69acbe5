import pg from 'pg';
import type { DataSource, EntityManager, EntitySchema, MixedList, QueryRunner } from 'typeorm';
import { type Client, type DatabasePool, giveBack } from './pool.ts';
import type { MigrationClient } from './migration-lock.ts';
import { connectWithPath } from './search-path.ts';

type Release = (error?: unknown) => void;
type Connected = (error: unknown, client?: unknown, release?: Release) => void;
/** What TypeORM uses of pg's Pool. It never ends ours, and its `error` listener would stay behind on it for each DataSource. */
interface PoolFace {
  connect(done: Connected): void;
  on(): void;
  end(done: (error?: unknown) => void): void;
}
export type Entities = MixedList<(new () => object) | EntitySchema<object>>;

export interface SourceOptions {
  readonly schema: string;
  readonly entities: Entities;
}

/** A DataSource on the shared pool: each checkout sees the plugin's schema. */
export const sourceOnPool = (pool: DatabasePool, path: string, options: SourceOptions): Promise<DataSource> =>
  open(options, async () => {
    const client = await connectWithPath(pool, path);
    return [client, () => giveBack(client)];
  });

/** A DataSource on one connection, for migrations. */
export const sourceOnClient = (client: MigrationClient, schema: string): Promise<DataSource> =>
  open({ schema, entities: [] }, async () => [client, () => undefined]);

async function open(
  { schema, entities }: SourceOptions,
  connect: () => Promise<[object, Release]>,
): Promise<DataSource> {
  // 0.3 s to load: a server whose plugins neither have entities nor migrate never does.
  const { DataSource } = await import('typeorm');
  const face: PoolFace = { connect: callbackify(connect), on: () => undefined, end: (done) => done() };
  const Pool = function pool() {
    return face;
  };
  const source = new DataSource({
    type: 'postgres',
    driver: { ...pg, Pool },
    schema,
    entities,
    logging: false,
    synchronize: false,
    installExtensions: false,
  });
  return source.initialize();
}

const callbackify =
  (connect: () => Promise<[object, Release]>): PoolFace['connect'] =>
  (done) =>
    void connect().then(
      // oxlint-disable-next-line promise/no-callback-in-promise -- a callback is what TypeORM gives
      ([client, release]) => done(undefined, client, release),
      // oxlint-disable-next-line promise/no-callback-in-promise
      (error: unknown) => done(error),
    );

/** The parts of TypeORM's PostgresQueryRunner that let it join a transaction that is open already. */
interface Joined {
  databaseConnection: unknown;
  isTransactionActive: boolean;
  transactionDepth: number;
  isReleased: boolean;
}

/** Repositories inside our transaction: on its client, and what TypeORM would wrap in a transaction of its own becomes a savepoint of it. */
export function joinTransaction(source: DataSource, client: Client): { manager: EntityManager; leave(): void } {
  const runner: QueryRunner = source.createQueryRunner();
  // TypeORM has no public way to hand a runner its connection; the test of repositories in transactions holds this in place.
  const joined = runner as unknown as Joined;
  joined.databaseConnection = client;
  joined.isTransactionActive = true;
  joined.transactionDepth = 1;
  return { manager: source.createEntityManager(runner), leave: () => (joined.isReleased = true) };
}
