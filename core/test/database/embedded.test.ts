import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { isAlive, isRunning } from '../../src/database/embedded/process-info.ts';
import { type Embedded, startEmbedded } from '../../src/database/embedded/start-embedded.ts';
import { child, type Child, QUICK, removeFolder, temporaryFolder } from './embedded-server.ts';
import { MemoryLog, until } from './open-database.ts';

const log = new MemoryLog();
let made = '';
let data = '';
const ends: (() => unknown)[] = [];
beforeAll(async () => {
  made = temporaryFolder();
  await (await startEmbedded({ data: made, log, apiPort: 1, onLost: () => undefined, settings: QUICK })).stop();
});
afterAll(() => removeFolder(made));
beforeEach(() => {
  data = temporaryFolder();
  ends.push(() => removeFolder(data));
});
/** A folder whose first start is behind it; the tests of that begin with an empty one. */
const startedBefore = (folder = data): void => void execFileSync('cp', ['-a', `${made}/.`, folder]);
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

const start = async (folder = data, onLost: (reason: string) => void = () => undefined): Promise<Embedded> => {
  const embedded = await startEmbedded({ data: folder, log, apiPort: 8096, onLost, settings: QUICK });
  ends.push(() => embedded.stop());
  return embedded;
};
const spawned = (...args: Parameters<typeof child>): Child => {
  const made = child(...args);
  ends.push(() => made.process.exitCode ?? made.process.signalCode ?? made.kill('SIGTERM'));
  return made;
};
const ask = async <Row extends object>({ connection }: Embedded, sql: string): Promise<Row[]> => {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
};
const userOf = (path: string) => ({ uid: statSync(path).uid, gid: statSync(path).gid });

test('without a locale in the environment every script is lower-cased and has trigrams', async () => {
  const texts = ['МОСКВА', 'ΑΘΗΝΑ', '千と千尋', '기생충', 'المدينة'];
  const server = spawned(data, [
    'create extension pg_trgm',
    `select pg_encoding_to_char(encoding) as encoding, datlocprovider as provider, datlocale as locale from pg_database where datname = 'revenge'`,
    ...texts.map((text) => `select lower('${text}') as lower, cardinality(show_trgm('${text}')) > 2 as trigrams`),
  ]);
  const { rows } = await server.ready();
  expect(rows.slice(1)).toEqual([
    [{ encoding: 'UTF8', provider: 'b', locale: 'C.UTF-8' }],
    ...['москва', 'αθηνα', '千と千尋', '기생충', 'المدينة'].map((lower) => [{ lower, trigrams: true }]),
  ]);
});

test('a second server of the folder is refused and told the pid and port of the first', async () => {
  startedBefore();
  const { node } = await spawned(data).ready();
  await expect(start()).rejects.toThrow(
    new RegExp(`another Revenge uses the data folder ${data} \\(pid ${node}, port 18096\\)`),
  );
});

test('two servers that start at once on an empty folder: one serves, the other is refused', async () => {
  const both = [spawned(data), spawned(data)];
  const told = await Promise.all(both.map((each) => Promise.any([each.ready().then(() => 'ready'), each.error()])));
  expect(told.toSorted()).toEqual([expect.stringContaining('another Revenge uses'), 'ready']);
});

test('after kill -9 of the server with a transaction open, its PostgreSQL is stopped and a new one has what was committed', async () => {
  startedBefore();
  const first = spawned(data, ['create table t as select 1 as n', 'begin', 'insert into t values (2)']);
  const { ready: old } = await first.ready();
  await first.kill('SIGKILL');
  expect(isRunning(old)).toBe(true);
  const again = await start();
  expect(isRunning(old)).toBe(false);
  expect(again.pid).not.toBe(old);
  expect(await ask(again, 'select n from t')).toEqual([{ n: 1 }]);
});

test('after kill -9 of the server and its PostgreSQL the next start repairs and serves', async () => {
  startedBefore();
  const first = spawned(data, ['create table t as select 1 as n', 'begin', 'insert into t values (2)']);
  const { ready: old } = await first.ready();
  process.kill(old, 'SIGKILL');
  await first.kill('SIGKILL');
  const again = await start();
  expect(await ask(again, 'select n from t')).toEqual([{ n: 1 }]);
});

test.each(['another program', 'a zombie', 'nothing'])('a pid file that names %s is no hindrance', async (kind) => {
  startedBefore();
  const first = await start();
  const cluster = join(data, 'postgres', '18');
  await first.stop();
  const file = join(cluster, 'postmaster.pid');
  const pid = await pidOf(kind, userOf(cluster));
  writeFileSync(file, `${pid}\n${cluster}\n1\n5432\n${join(data, 'postgres', 'run')}\n\n  1  2\nready\n`);
  chownSync(file, userOf(cluster).uid, userOf(cluster).gid);
  const again = await start();
  expect(await ask(again, 'select 1 as n')).toEqual([{ n: 1 }]);
  if (kind === 'another program') expect(isRunning(pid)).toBe(true);
});

/** Runs as the server's user, as a reused pid would. */
async function pidOf(kind: string, user: { uid: number; gid: number }): Promise<number> {
  const script = {
    'another program': 'exec sleep 60',
    'a zombie': 'sleep 0.1 & echo $!; exec sleep 60',
    nothing: 'true',
  }[kind];
  const shell = spawn('sh', ['-c', script ?? ''], { ...user, cwd: '/', stdio: ['ignore', 'pipe', 'ignore'] });
  ends.push(() => shell.kill('SIGKILL'));
  if (kind === 'another program') return shell.pid ?? 0;
  if (kind === 'nothing') await new Promise((resolve) => shell.once('close', resolve));
  if (kind === 'nothing') return shell.pid ?? 0;
  const pid = Number(await new Promise<Buffer>((resolve) => shell.stdout.once('data', resolve)));
  await until('it is a zombie', () => isAlive(pid) && !isRunning(pid));
  return pid;
}

test('a first start that was killed while it made the cluster is begun anew', async () => {
  const first = spawned(data);
  const postgres = join(data, 'postgres');
  await until(
    'initdb is at work',
    () => existsSync(postgres) && readdirSync(postgres).some((name) => name.startsWith('.init-')),
  );
  await first.kill('SIGKILL');
  const again = await start();
  expect(await ask(again, 'select 1 as n')).toEqual([{ n: 1 }]);
  expect(readdirSync(postgres).toSorted()).toEqual(['18', '18.log', 'run']);
});

test('a PostgreSQL that dies under a serving one is started again at the same address', async () => {
  startedBefore();
  const embedded = await start();
  const { pid, connection } = embedded;
  await ask(embedded, 'create table t as select 1 as n');
  process.kill(pid, 'SIGKILL');
  await until(
    'another one serves',
    async () => embedded.pid !== pid && (await ask(embedded, 'select n from t').catch(() => [])).length === 1,
  );
  expect(embedded.connection).toEqual(connection);
});

test('the lock whose connection was ended is taken again, and a second server is still refused', async () => {
  startedBefore();
  const lost: string[] = [];
  const embedded = await start(data, (reason) => lost.push(reason));
  const holders = () =>
    ask<{ pid: number }>(embedded, `select pid from pg_locks where locktype = 'advisory' and granted`);
  const [before] = await holders();
  await ask(embedded, `select pg_terminate_backend(${before?.pid})`);
  await until('the lock is held again', async () => {
    const [now] = await holders();
    return now !== undefined && now.pid !== before?.pid;
  });
  await expect(spawned(data).error()).resolves.toMatch(`(pid ${process.pid}, port 8096)`);
  expect(lost).toEqual([]);
});

test('a server whose lock another took in a gap is told that the folder is lost', async () => {
  startedBefore();
  let tell = (_reason: string): void => undefined;
  const told = new Promise<string>((resolve) => (tell = resolve));
  const embedded = await start(data, (reason) => tell(reason));
  const thief = new pg.Client({ ...embedded.connection, database: 'postgres' });
  await thief.connect();
  ends.push(() => thief.end());
  await thief.query(`do $$
    declare lock record;
    begin
      select pid, classid::int as a, objid::int as b into lock from pg_locks where locktype = 'advisory' and granted;
      perform pg_terminate_backend(lock.pid);
      while not pg_try_advisory_lock(lock.a, lock.b) loop end loop;
    end $$`);
  expect(await told).toMatch(/the data folder is lost: another Revenge uses/);
});

test('data of another major version is refused with what to do', async () => {
  const other = join(data, 'postgres', '17');
  mkdirSync(other, { recursive: true });
  writeFileSync(join(other, 'PG_VERSION'), '17\n');
  await expect(start()).rejects.toThrow(/17 holds data of PostgreSQL 17; this Revenge brings PostgreSQL 18.*pg_dump/);
});

test('a folder whose path is too long for a socket is served on a loopback port, and taken over there as well', async () => {
  const deep = join(data, 'x'.repeat(80), 'y'.repeat(40));
  mkdirSync(deep, { recursive: true });
  chmodSync(data, 0o711);
  startedBefore(deep);
  const first = spawned(deep, ['show listen_addresses']);
  expect((await first.ready()).rows).toEqual([[{ listen_addresses: '127.0.0.1' }]]);
  await first.kill('SIGKILL');
  const again = await start(deep);
  expect(again.connection.host).toBe('127.0.0.1');
  expect(await ask(again, 'select 1 as n')).toEqual([{ n: 1 }]);
});

test('a setting that PostgreSQL refuses is told with its words', async () => {
  startedBefore();
  const wrong = startEmbedded({ data, log, apiPort: 1, onLost: () => undefined, settings: { shared_buffers: 'lots' } });
  await expect(wrong).rejects.toThrow(/PostgreSQL did not start: .*shared_buffers.*"lots"/s);
});

test('only its user may enter the cluster and read its password, and no password is in the process list', async () => {
  startedBefore();
  const embedded = await start();
  const cluster = join(data, 'postgres', '18');
  expect(statSync(cluster).mode & 0o077).toBe(0);
  expect(statSync(join(cluster, 'revenge-password')).mode & 0o077).toBe(0);
  const wrong = new pg.Client({ ...embedded.connection, password: 'postgres' });
  await expect(wrong.connect()).rejects.toThrow('password authentication failed');
  expect(readFileSync(`/proc/${embedded.pid}/cmdline`, 'utf8')).not.toContain(String(embedded.connection.password));
});

/* oxlint-disable jest/no-standalone-expect -- they stand in tests that only root can run */
const asRoot = process.getuid?.() === 0;
(asRoot ? test : test.skip)(
  'an ordinary user runs it as himself, from first start through a kill to the next',
  async () => {
    const nobody = { uid: 65_534, gid: 65_534 };
    chownSync(data, nobody.uid, nobody.gid);
    const first = spawned(data, ['create table t as select 1 as n'], nobody);
    const { uid, ready } = await first.ready();
    expect(uid).toBe(nobody.uid);
    expect(userOf(`/proc/${ready}`)).toEqual(nobody);
    await first.kill('SIGKILL');
    const { rows } = await spawned(data, ['select n from t'], nobody).ready();
    expect(rows).toEqual([[{ n: 1 }]]);
  },
);

(asRoot ? test : test.skip)(
  'as root it runs as somebody else, and a folder that nobody else may enter is named',
  async () => {
    startedBefore();
    const embedded = await start();
    expect(userOf(`/proc/${embedded.pid}`).uid).not.toBe(0);
    const closed = join(data, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    mkdirSync(join(closed, 'data'));
    chownSync(closed, 12_345, 12_345);
    await expect(start(join(closed, 'data'))).rejects.toThrow(`may not enter ${closed}`);
  },
);

const namespaces = asRoot && spawnSync('unshare', ['--user', '--map-user=65534', '--', 'true']).status === 0;
(namespaces ? test : test.skip)(
  'below a folder that only root may enter it runs in a namespace, is taken over there, and moves out again',
  async () => {
    chmodSync(data, 0o755);
    const closed = join(data, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const first = spawned(join(closed, 'data'), ['create table t as select 1 as n']);
    const { ready } = await first.ready();
    await first.kill('SIGKILL');
    const second = await start(join(closed, 'data'));
    expect(isRunning(ready)).toBe(false);
    expect(userOf(`/proc/${second.pid}`).uid).toBe(0);
    await second.stop();

    renameSync(join(closed, 'data'), join(data, 'open'));
    const moved = await start(join(data, 'open'));
    expect(userOf(`/proc/${moved.pid}`).uid).not.toBe(0);
    expect(await ask(moved, 'select n from t')).toEqual([{ n: 1 }]);
  },
);
if (!namespaces)
  process.stderr.write('skipped: PostgreSQL in a user namespace, which this user or machine does not allow\n');
if (!asRoot) process.stderr.write('skipped: what only root can test (running as another user)\n');
