import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { defineContract, secret } from '@revenge/sdk';
import { z } from 'zod';
import { migrateCore } from '../../src/database/migrate.ts';
import { DatabasePool } from '../../src/database/pool.ts';
import { PostgresDatabase } from '../../src/database/postgres-database.ts';
import { openLog } from '../../src/log/pino-log.ts';
import { instanceMigrations, InstanceStore } from '../../src/plugins/instance-store.ts';
import { SecretBox } from '../../src/secrets/secret-box.ts';
import { createTestDatabase, type TestDatabase } from '../../src/testing/postgres.ts';

const old = defineContract({
  id: 'demo',
  title: 'Demo',
  sdk: '^1.0',
  config: z.object({ host: z.string(), token: secret(z.string()) }),
});
const next = defineContract({
  ...old,
  config: {
    version: 2,
    schema: z.object({ url: z.string(), token: secret(z.string()) }),
    migrate: { 1: ({ host, ...rest }) => ({ ...rest, url: `http://${String(host)}` }) },
  },
});
const ref = { plugin: 'demo', instance: 'main' };
const by = (contract: typeof old | typeof next) => new Map([['demo', contract]]);

let test_: TestDatabase;
let pool: DatabasePool;
let database: PostgresDatabase;
const { log, stop } = openLog({ level: 'error', file: '/dev/null' });
beforeAll(async () => {
  test_ = await createTestDatabase();
  await migrateCore({ connection: test_.url, log }, [instanceMigrations]);
  pool = new DatabasePool(test_.url, { max: 2, applicationName: 'test', statementTimeoutMs: 5_000 }, { log });
  database = new PostgresDatabase({ pool, log });
});
afterAll(async () => {
  await pool.stop();
  await test_.drop();
  stop();
});

test('secrets are sealed in the database, opened for the host, and a config of an older version is migrated', async () => {
  const store = new InstanceStore(database, new SecretBox('k'.repeat(32)));
  await store.ensure(ref, 'hook');
  await store.ensure(ref, 'another, which is not taken');
  await store.configure(ref, old, { host: 'nas', token: 'very secret' });
  const [row] = await database.query<{ text: string }>('select config::text as text from core.instances');
  expect(row?.text).toContain('nas');
  expect(row?.text).not.toContain('very secret');
  expect(await store.all(by(old))).toMatchObject([
    { config: { host: 'nas', token: 'very secret' }, webhookSecret: 'hook', revision: 2 },
  ]);
  expect(await store.all(by(next))).toMatchObject([{ config: { url: 'http://nas', token: 'very secret' } }]);
});

test('an instance is created once, and a value of the cluster is settled by whoever is first', async () => {
  const store = new InstanceStore(database, new SecretBox('k'.repeat(32)));
  const other = { plugin: 'demo', instance: 'other' };
  await store.create(other, old, { host: 'a', token: 't' }, 's');
  await expect(store.create(other, old, { host: 'b', token: 't' }, 's')).rejects.toMatchObject({ status: 409 });
  expect(await Promise.all([store.settle('x', '1'), store.settle('x', '2')])).toEqual(
    ['1', '1'].map(() => expect.stringMatching(/^[12]$/)),
  );
  expect(await store.settle('x', '3')).toBe(await store.settle('x', '4'));
});
