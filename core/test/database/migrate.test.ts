import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { CoreMigration } from '../../src/database/core-migration.ts';
import { checkServer } from '../../src/database/check-server.ts';
import { migrateCore } from '../../src/database/migrate.ts';
import { openDatabase, type OpenDatabase } from './open-database.ts';

const jobs: CoreMigration[] = [
  { name: '2026010101-jobs', up: 'create table core.jobs (id int); create index on core.jobs (id)' },
  { name: '2026010103-jobs-more', up: 'alter table core.jobs add column b int' },
];
const events: CoreMigration[] = [{ name: '2026010102-events', up: 'alter table core.jobs add column a int' }];

let db: OpenDatabase;
beforeEach(async () => (db = await openDatabase()));
afterEach(() => db.close());

test("the areas' lists run together in the order of their names, once, with trigrams and unaccent there", async () => {
  const deps = { connection: db.url, log: db.log };
  expect(await migrateCore(deps, [jobs, events])).toEqual([
    '2026010101-jobs',
    '2026010102-events',
    '2026010103-jobs-more',
  ]);
  expect(await migrateCore(deps, [jobs, events])).toEqual([]);
  expect(await db.database.query(`select unaccent('Amélie') as plain, similarity('abc', 'abc') as s`)).toEqual([
    { plain: 'Amelie', s: 1 },
  ]);
});

test('two nodes that start at once on an empty database both succeed, and each step ran once', async () => {
  const deps = { connection: db.url, log: db.log };
  const ran = await Promise.all([1, 2, 3].map(() => migrateCore(deps, [jobs, events])));
  expect(ran.map((names) => names.length).toSorted()).toEqual([0, 0, 3]);
});

test('a table that another session holds is waited for a while, then named with what to do', async () => {
  const deps = { connection: db.url, log: db.log };
  await migrateCore(deps, [jobs, events]);
  await db.database.transaction(async (tx) => {
    await tx.query('select * from core.jobs');
    const step = [{ name: '2026010201-held', up: `set local lock_timeout = 50; drop table core.jobs` }];
    await expect(migrateCore(deps, [jobs, events, step])).rejects.toThrow(
      /2026010201-held of 'core' failed.*55P03.*end that session/s,
    );
  });
});

test('two steps of one name are refused before anything runs', async () => {
  const twice = migrateCore({ connection: db.url, log: db.log }, [jobs, jobs]);
  await expect(twice).rejects.toThrow(/two migrations of 'core' are named 2026010101-jobs/);
});

test('a database that is not UTF8 is refused and told how to make one', async () => {
  await db.database.execute(
    `create database latin_${process.pid} template template0 encoding 'SQL_ASCII' locale 'C' locale_provider 'libc'`,
  );
  const url = new URL(db.url);
  url.pathname = `/latin_${process.pid}`;
  await expect(checkServer(url.href, 10)).rejects.toThrow(/encoded in SQL_ASCII; Revenge needs UTF8: create one/);
  await db.database.execute(`drop database latin_${process.pid}`);
});

test('a pool that the server has no connections for is refused with both numbers', async () => {
  await expect(checkServer(db.url, 10_000)).rejects.toThrow(/allows \d+ connections.*needs 10011/);
});

test('a server nobody listens at, a wrong password and a missing database each say what to check', async () => {
  const wrong = (change: (url: URL) => void) => {
    const url = new URL(db.url);
    change(url);
    return checkServer(url.href, 10);
  };
  await expect(wrong((url) => (url.port = '1'))).rejects.toThrow(/ECONNREFUSED.*Is PostgreSQL running there/);
  await expect(wrong((url) => (url.password = 'x'))).rejects.toThrow('User and password in DATABASE_URL');
  await expect(wrong((url) => (url.pathname = '/nowhere'))).rejects.toThrow('Create that database');
});
