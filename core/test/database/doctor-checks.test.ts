import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { checkServer } from '../../src/database/check-server.ts';
import { checkConnection, checkDatabase } from '../../src/database/doctor-checks.ts';
import { startEmbedded } from '../../src/database/embedded/start-embedded.ts';
import { removeFolder, temporaryFolder } from './embedded-server.ts';
import { MemoryLog, openDatabase } from './open-database.ts';
import { startPooler } from './pooler.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});
const opened = async () => {
  const db = await openDatabase();
  ends.push(() => db.close());
  return db;
};

test('a good database has nothing to mend', async () => {
  const db = await opened();
  await db.database.execute('create extension pg_trgm with schema public');
  const findings = await checkConnection(db.url, 10);
  expect(findings.filter(({ ok }) => !ok)).toEqual([]);
  expect(findings.map(({ name }) => name)).toEqual([
    'PostgreSQL',
    'encoding',
    'extensions',
    'search in every script',
    'connections',
    'sessions',
    'clock',
  ]);
});

test('a database that finds no Cyrillic and no Japanese is named with its cure', async () => {
  const db = await opened();
  const name = `ascii_${process.pid}_${Date.now()}`;
  await db.database.execute(
    `create database ${name} template template0 encoding 'SQL_ASCII' locale 'C' locale_provider 'libc'`,
  );
  const url = new URL(db.url);
  url.pathname = `/${name}`;
  ends.push(() => db.database.execute(`drop database ${name} with (force)`));
  const client = new pg.Client(url.href);
  await client.connect();
  await client.query('create extension pg_trgm');
  await client.end();
  const bad = (await checkConnection(url.href, 10)).filter(({ ok }) => !ok);
  expect(bad).toEqual([
    expect.objectContaining({ name: 'encoding', detail: `'${name}' is SQL_ASCII` }),
    expect.objectContaining({ name: 'search in every script', detail: expect.stringContaining('Москва, 千と千尋') }),
  ]);
});

test('what cannot be reached or has too few connections is a finding, never a throw', async () => {
  const database = { url: 'postgres://nobody@127.0.0.1:1/x', pool: 10, statementTimeoutMs: 0 };
  expect(await checkDatabase({ data: '/nowhere', database })).toEqual([
    expect.objectContaining({ ok: false, detail: expect.stringContaining('ECONNREFUSED') }),
  ]);
  const { url } = await opened();
  const findings = await checkDatabase({ data: '/nowhere', database: { ...database, url, pool: 5_000 } });
  expect(findings.find(({ name }) => name === 'connections')).toMatchObject({ ok: false });
});

test('the own PostgreSQL is looked at where it runs, and not started where it does not', async () => {
  const data = temporaryFolder();
  ends.push(() => removeFolder(data));
  const config = { data, database: { url: undefined, pool: 10, statementTimeoutMs: 0 } };
  expect(await checkDatabase(config)).toEqual([
    expect.objectContaining({ ok: true, detail: expect.stringContaining('first start') }),
  ]);
  const embedded = await startEmbedded({ data, log: new MemoryLog(), apiPort: 1, onLost: () => undefined });
  ends.push(() => embedded.stop());
  expect((await checkDatabase(config)).slice(0, 3)).toMatchObject([
    { detail: '18, running' },
    { ok: true },
    { ok: true },
  ]);
});

test('a pooler that shares one session among its clients is refused in words', async () => {
  const above = temporaryFolder();
  ends.push(() => removeFolder(above));
  chmodSync(above, 0o711);
  // Too long for a socket, so it listens on a port; and that without a password, as the pooler's session has none.
  const data = join(above, 'x'.repeat(100));
  mkdirSync(data);
  const hba_file = join(above, 'hba.conf');
  writeFileSync(hba_file, 'host all all 127.0.0.1/32 trust\n', { mode: 0o644 });
  const log = new MemoryLog();
  const embedded = await startEmbedded({ data, log, apiPort: 1, onLost: () => undefined, settings: { hba_file } });
  ends.push(() => embedded.stop());
  const pooler = await startPooler({ port: embedded.connection.port ?? 0, user: 'revenge', database: 'revenge' });
  ends.push(() => pooler.stop());
  await expect(checkServer(pooler.url, 10)).rejects.toThrow(
    /pooler \(such as PgBouncer\).*connect to PostgreSQL directly/,
  );
});
