import { createHash, randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { blobMigrations } from '../../src/blobs/blobs.migration.ts';
import { PostgresBlobs } from '../../src/blobs/postgres-blobs.ts';
import { migrateCore } from '../../src/database/migrate.ts';
import { openDatabase, type OpenDatabase } from './open-database.ts';

let db: OpenDatabase;
beforeEach(async () => {
  db = await openDatabase();
  await migrateCore({ connection: db.url, log: db.log }, [blobMigrations]);
});
afterEach(() => db.close());

const open = (plugin = 'films', instance = 'main') => new PostgresBlobs(db.database).open({ plugin, instance });
const bytesOf = async (data: ReadableStream<Uint8Array>) => Buffer.from(await new Response(data).arrayBuffer());
const stream = (parts: Iterable<Uint8Array>) => ReadableStream.from(parts) as ReadableStream<Uint8Array>;

test('what was put comes back byte by byte, from one array or a stream of odd pieces', async () => {
  const blobs = open();
  const whole = randomBytes(700_001);
  const sha256 = createHash('sha256').update(whole).digest('hex');
  const parts = [
    whole.subarray(0, 1),
    whole.subarray(1, 600_000),
    whole.subarray(600_000, 600_000),
    whole.subarray(600_000),
  ];
  expect(await blobs.put('a/1.bin', whole, { type: 'image/png' })).toEqual({ size: 700_001, sha256 });
  expect(await blobs.put('a/2.bin', stream(parts))).toEqual({ size: 700_001, sha256 });
  for (const [key, type] of [
    ['a/1.bin', 'image/png'],
    ['a/2.bin', 'application/octet-stream'],
  ] as const) {
    const got = await blobs.get(key);
    expect(got).toMatchObject({ size: 700_001, sha256, type });
    expect(got && (await bytesOf(got.data)).equals(whole)).toBe(true);
  }
  expect(await db.database.query('select max(length(data)) as most from core.blob_chunks')).toEqual([
    { most: 262_144 },
  ]);
});

test('an empty blob is one, a missing one is undefined, and instances do not see each other', async () => {
  await open().put('empty', new Uint8Array());
  const got = await open().get('empty');
  expect(got?.size).toBe(0);
  expect(got && (await bytesOf(got.data))).toHaveLength(0);
  expect(await open('films', 'uhd').get('empty')).toBeUndefined();
  await open('music').delete('empty');
  expect(await open().get('empty')).toBeDefined();
  await open().delete('empty');
  expect(await open().get('empty')).toBeUndefined();
});

test('a put whose stream breaks leaves the old blob and nothing else', async () => {
  const blobs = open();
  await blobs.put('k', Buffer.from('old'));
  const broken = async function* () {
    yield randomBytes(300_000);
    throw new Error('upload broke');
  };
  await expect(blobs.put('k', ReadableStream.from(broken()) as ReadableStream<Uint8Array>)).rejects.toThrow(
    'upload broke',
  );
  const got = await blobs.get('k');
  expect(got && String(await bytesOf(got.data))).toBe('old');
  expect(await db.database.query('select count(*) as n from core.blobs')).toEqual([{ n: 1 }]);
});

test('a reader that began before a replacement reads the old blob to its end', async () => {
  const blobs = open();
  const old = randomBytes(600_000);
  await blobs.put('k', old);
  const got = await blobs.get('k');
  await blobs.put('k', Buffer.from('new'));
  expect(got && (await bytesOf(got.data)).equals(old)).toBe(true);
  await db.database.execute(`update core.blobs set changed_at = now() - interval '1 hour'`);
  await blobs.delete('other');
  expect(await db.database.query('select state from core.blobs')).toEqual([{ state: 'ready' }]);
});

test('puts of one key at the same time leave one of them whole', async () => {
  const all = await Promise.all(Array.from({ length: 8 }, (_, i) => open().put('k', Buffer.from(`content ${i}`))));
  const got = await open().get('k');
  expect(all.map(({ sha256 }) => sha256)).toContain(got?.sha256);
  expect(await db.database.query(`select count(*) as n from core.blobs where state = 'ready'`)).toEqual([{ n: 1 }]);
});

test('a slow writer and a reader that stops hold no connection', async () => {
  const blobs = open();
  await blobs.put('k', randomBytes(900_000));
  const got = await blobs.get('k');
  const reader = got?.data.getReader();
  await reader?.read();
  let writer: ReadableStreamDefaultController<Uint8Array> | undefined;
  const put = blobs.put('slow', new ReadableStream<Uint8Array>({ start: (controller) => void (writer = controller) }));
  await db.database.query('select 1');
  expect(db.pool.counts().acquired).toBeLessThanOrEqual(1);
  writer?.enqueue(Buffer.from('late'));
  writer?.close();
  expect((await put).size).toBe(4);
  await reader?.cancel();
});

test.each(['', '/a', 'a//b', '../a', 'a/..', 'a\0b', 'a\nb', 'x'.repeat(1_025)])(
  'the key %j is refused as 422',
  async (key) => {
    await expect(open().put(key, new Uint8Array())).rejects.toMatchObject({ status: 422 });
  },
);

test('a type that would break a header is refused', async () => {
  await expect(open().put('a', new Uint8Array(), { type: 'text/html\r\nx: y' })).rejects.toMatchObject({ status: 422 });
});
