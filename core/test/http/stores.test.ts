import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { PostgresWebhookStore } from '../../src/access/webhook-store.ts';
import { webhookMigrations } from '../../src/access/webhooks.migration.ts';
import type { CoreDatabase } from '../../src/database/database.ts';
import { limitMigrations } from '../../src/limits/limits.migration.ts';
import { PostgresLimits } from '../../src/limits/postgres-limiter.ts';
import { createTestDatabase, type TestDatabase } from '../../src/testing/postgres.ts';
import { KeptLog, until } from './support.ts';

let made: TestDatabase;
let pool: pg.Pool;
let database: CoreDatabase;
beforeAll(async () => {
  made = await createTestDatabase();
  pool = new pg.Pool({ connectionString: made.url, max: 8 });
  await pool.query('CREATE SCHEMA core');
  for (const { up } of [...limitMigrations, ...webhookMigrations]) await pool.query(up);
  database = {
    query: async (text: string, values: unknown[] = [], name?: string) =>
      (await pool.query({ text, values, ...(name && { name }) })).rows,
    execute: async (text: string, values: unknown[] = []) => (await pool.query(text, values)).rowCount ?? 0,
  } as unknown as CoreDatabase;
});
afterAll(async () => {
  await pool?.end();
  await made?.drop();
});

const auth = { plugin: 'auth', instance: 'main' };
const limits = () => new PostgresLimits(database, new KeptLog());

test('a limit counts over all who ask at once, and not one too many passes', async () => {
  const nodes = [limits().open(auth), limits().open(auth)];
  const taken = await Promise.all(Array.from({ length: 40 }, (_, i) => nodes[i % 2]?.take('login:ada', '5/15m')));
  expect(taken.filter(Boolean).length).toBe(5);
});

test('a limit says when to come back, and its window ends', async () => {
  const one = limits();
  expect(await one.hit(auth, 'short', '1/500ms')).toEqual({ allowed: true, retryAfter: 1 });
  expect(await one.hit(auth, 'short', '1/500ms')).toEqual({ allowed: false, retryAfter: 1 });
  expect((await one.hit(auth, 'long', '1/h')).retryAfter).toBe(3_600);
  await until(async () => (await one.hit(auth, 'short', '1/500ms')).allowed, 'the window ended');
});

test('limits are apart by key and instance, and a reset starts anew', async () => {
  const mine = limits().open(auth);
  const other = limits().open({ plugin: 'auth', instance: 'second' });
  expect([
    await mine.take('k', '1/h'),
    await mine.take('k', '1/h'),
    await mine.take('l', '1/h'),
    await other.take('k', '1/h'),
  ]).toEqual([true, false, true, true]);
  await mine.reset('k');
  expect(await mine.take('k', '1/h')).toBe(true);
});

test('windows that are over are swept away', async () => {
  const one = limits();
  await one.hit(auth, 'old', '1/1ms');
  await until(async () => (await one.sweep()) > 0, 'the old window is removed');
  expect(await one.sweep()).toBe(0);
});

test('a webhook is kept byte by byte, and the same bytes are known again for that instance and route', async () => {
  const store = new PostgresWebhookStore(database, new KeptLog());
  const radarr = { plugin: 'radarr', instance: 'main' };
  const bytes = Buffer.from([0, 255, 10, 128]);
  const first = await store.store(radarr, 'POST /hook', bytes, 'application/json');
  expect(first.repeated).toBe(false);
  expect((await store.store(radarr, 'POST /hook', bytes, '')).repeated).toBe(true);
  expect((await store.store({ ...radarr, instance: 'uhd' }, 'POST /hook', bytes, '')).repeated).toBe(false);
  expect((await store.store(radarr, 'POST /other', bytes, '')).repeated).toBe(false);
  await pool.query("UPDATE core.webhook_deliveries SET received_at = now() - interval '25 hours'");
  expect((await store.store(radarr, 'POST /hook', bytes, '')).repeated).toBe(false);
  await store.refuse(first.id, 'no event');
  const { rows } = await pool.query('SELECT state, error, raw FROM core.webhook_deliveries WHERE id = $1', [first.id]);
  expect(rows).toEqual([{ state: 'refused', error: 'no event', raw: bytes }]);
});

test('old deliveries are swept away', async () => {
  const store = new PostgresWebhookStore(database, new KeptLog());
  await pool.query("UPDATE core.webhook_deliveries SET received_at = now() - interval '31 days'");
  expect(await store.sweep()).toBeGreaterThan(0);
  expect(await store.sweep()).toBe(0);
});
