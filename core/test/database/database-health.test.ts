import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { DatabaseHealth } from '../../src/database/database-health.ts';
import { databaseFault, databaseProblem } from '../../src/database/database-problem.ts';
import { DatabasePool } from '../../src/database/pool.ts';
import { PostgresBus } from '../../src/database/postgres-bus.ts';
import { PromMetrics } from '../../src/metrics/prom-metrics.ts';
import { poolMeters, QueryMeters } from '../../src/database/query-meters.ts';
import { MemoryLog, openDatabase, until } from './open-database.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});
const opened = async (...args: Parameters<typeof openDatabase>) => {
  const db = await openDatabase(...args);
  ends.push(() => db.close());
  return db;
};

/** A cable between us and the server that a test can cut, or hold so that nothing passes and nobody is told. */
async function cable(to: string) {
  const target = new URL(to);
  const sockets = new Set<Socket>();
  let held = false;
  const server: Server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => (near.destroy(), far.destroy()));
    }
    near.on('data', (chunk) => held || far.write(chunk));
    far.on('data', (chunk) => held || near.write(chunk));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const url = new URL(to);
  url.port = String(port);
  const cut = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  const mend = () => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  ends.push(() => server.listening && cut());
  return { url: url.href, cut, mend, hold: () => (held = true) };
}

test('a database that goes away is named within seconds, its calls are 503 with Retry-After, and it comes back by itself', async () => {
  const { url } = await opened();
  const line = await cable(url);
  const health = new DatabaseHealth({ connection: line.url, log: new MemoryLog() });
  const pool = new DatabasePool(
    line.url,
    { max: 3, applicationName: 'test', statementTimeoutMs: 5_000 },
    { log: new MemoryLog(), observe: health.observe, connectFailed: health.failed },
  );
  ends.push(() => pool.stop());
  health.start();
  ends.push(() => health.stop());
  await pool.query({ text: 'select 1' });
  expect(health.reason).toBeUndefined();

  await line.cut();
  const error = await pool.query({ text: 'select 1' }).catch((reason: unknown) => reason);
  expect(databaseProblem(error)).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
  await until('the loss is known', () => health.reason === 'database: cannot be reached');

  await line.mend();
  await until('it is well again', () => health.reason === undefined);
  await pool.query({ text: 'select 1' });
});

test('one ended connection is no lost database', async () => {
  const log = new MemoryLog();
  const db = await opened();
  const health = new DatabaseHealth({ connection: db.url, log });
  health.start();
  ends.push(() => health.stop());
  const error = await db.database.query('select pg_terminate_backend(pg_backend_pid())').catch((e: unknown) => e);
  expect(databaseFault(error)).toBe('lost');
  const change = new Promise((resolve) => ends.push(health.onChange(resolve)));
  health.failed(error);
  await db.database.query('select 1');
  expect(await Promise.race([change, new Promise((resolve) => setTimeout(resolve, 300, 'quiet'))])).toBe('quiet');
});

test('what fails on the database is told from what fails on its own', async () => {
  const db = await opened({ max: 1, statementTimeoutMs: 200 });
  const failing = (sql: string) => db.database.query(sql).catch((error: unknown) => error);
  const raise = (state: string) => failing(`do $$ begin raise sqlstate '${state}' using message = 'x'; end $$`);
  const statusOf = async (error: Promise<unknown>) => databaseProblem(await error)?.status;
  expect({
    slow: await statusOf(failing('select pg_sleep(5)')),
    full: await statusOf(raise('53100')),
    busy: await statusOf(raise('53300')),
    starting: await statusOf(raise('57P03')),
    readOnly: await statusOf(failing('set transaction read only; create table x ()')),
    unique: await statusOf(raise('23505')),
    syntax: await statusOf(failing('selec')),
    upstream: databaseProblem(
      Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' }),
    ),
    wrapped: databaseProblem(new Error('scan failed', { cause: await raise('53100') }))?.status,
  }).toEqual({
    slow: 503,
    full: 507,
    busy: 503,
    starting: 503,
    readOnly: 503,
    unique: undefined,
    syntax: undefined,
    upstream: undefined,
    wrapped: 507,
  });
});

test('the pool never opens more than its bound, and its gauges and timings tell what it does', async () => {
  const metrics = new PromMetrics({ defaults: false });
  const db = await opened({ max: 2 }, { observe: new QueryMeters(metrics).observe });
  poolMeters(metrics, () => [db.pool]);
  const asleep = Promise.all(Array.from({ length: 6 }, () => db.database.query('select pg_sleep(0.2)')));
  await until('two work', async () => db.pool.counts().acquired === 2);
  expect(db.pool.counts()).toMatchObject({ acquired: 2, total: 2, max: 2, waiting: 4 });
  await asleep;
  await db.database.query('insert into nowhere values (1)').catch(() => undefined);
  const { text } = await metrics.exposition();
  expect(text).toContain('revenge_dbpool_max_conns 2');
  expect(text).toContain('revenge_dbpool_idle_conns 2');
  expect(text).toContain('revenge_db_query_duration_seconds_count{operation="select"} 6');
  expect(text).toContain('revenge_db_query_errors_total{operation="insert"} 1');
  expect(text).toContain('revenge_db_query_errors_total{operation="rollback"} 0');
});

const openBus = async (url: string, db: Awaited<ReturnType<typeof openDatabase>>) => {
  const bus = new PostgresBus({ connection: url, database: db.database, log: new MemoryLog() });
  await bus.start();
  ends.push(() => bus.stop());
  return bus;
};

test('a message reaches every listener of its topic on every node, and with a tx only when that commits', async () => {
  const db = await opened();
  const [one, two] = [await openBus(db.url, db), await openBus(db.url, db)];
  const heard: string[] = [];
  one.on('a', (payload) => heard.push(`one ${payload}`));
  two.on('a', () => {
    throw new Error('broken listener');
  });
  two.on('a', (payload) => heard.push(`two ${payload}`));
  two.on('b', (payload) => heard.push(`b ${payload}`));
  const quiet = one.on('a', () => heard.push('ended'));
  quiet();
  await db.database
    .transaction(async (tx) => {
      await one.publish('a', 'rolled back', tx);
      throw new Error('no');
    })
    .catch(() => undefined);
  await db.database.transaction((tx) => one.publish('a', 'lines\nand ✓', tx));
  await one.publish('b', '');
  await until('all three', () => heard.length >= 3);
  expect(heard.toSorted()).toEqual(['b ', 'one lines\nand ✓', 'two lines\nand ✓']);
});

test('a message too long for NOTIFY is refused with what to do instead', async () => {
  const db = await opened();
  const bus = await openBus(db.url, db);
  await expect(bus.publish('a', 'é'.repeat(3_501))).rejects.toThrow(RangeError);
  await bus.publish('a', 'é'.repeat(3_500));
});

test('a bus whose connection is ended is back by itself, says so, and hears again', async () => {
  const db = await opened();
  const bus = await openBus(db.url, db);
  const back = new Promise<void>((resolve) => bus.onReconnect(resolve));
  const heard: string[] = [];
  bus.on('a', (payload) => heard.push(payload));
  await db.database.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'revenge bus' and datname = current_database()`,
  );
  await back;
  expect(bus.connected).toBe(true);
  await bus.publish('a', 'again');
  await until('it hears', () => heard.length === 1);
});

test('a bus whose line went silent notices and connects anew', async () => {
  const db = await opened();
  const line = await cable(db.url);
  const bus = await openBus(line.url, db);
  line.hold();
  await until('the silence is noticed', () => !bus.connected, 15_000);
}, 20_000);
