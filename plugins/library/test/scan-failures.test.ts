import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { NumberSet } from '../src/scan/number-set.ts';
import { findMissing } from '../src/scan/sweep.ts';
import { type LibraryUnderTest, startLibrary, until } from './library-host.ts';

let library: LibraryUnderTest;
beforeEach(async () => {
  library = await startLibrary();
});
afterEach(() => library.stop());

const films = (count: number, folder = 'films'): string[] =>
  Array.from({ length: count }, (_, n) => `${folder}/Film ${n} (${1950 + n}).mkv`);

test.each([
  ['is gone', 'root-missing', (root: string) => rmSync(root, { recursive: true })],
  [
    'became a file',
    'root-not-a-folder',
    (root: string) => (rmSync(root, { recursive: true }), writeFileSync(root, '')),
  ],
  [
    'is empty, as a disk that is not mounted',
    'root-empty',
    (root: string) => (rmSync(root, { recursive: true }), mkdirSync(root)),
  ],
  [
    'holds nothing but a stray file',
    'root-empty',
    (root: string) => (rmSync(root, { recursive: true }), mkdirSync(root), writeFileSync(join(root, '.keep'), '')),
  ],
])('a folder that %s fails the scan, says so and removes nothing', async (_what, code, damage) => {
  library.write(...films(3));
  const id = await library.add('movie', 'films');
  await library.scan(id);
  damage(join(library.folder, 'films'));
  const scan = await library.scan(id);
  expect(scan).toMatchObject({ status: 'failed', error_code: code, items_removed: 0 });
  expect(scan.error_message).toContain(join(library.folder, 'films'));
  expect(await library.titles()).toEqual(['Film 0', 'Film 1', 'Film 2']);
});

test('a fifth of the library missing at once freezes it until the files are back', async () => {
  library.write(...films(100));
  const id = await library.add('movie', 'films');
  await library.scan(id);
  mkdirSync(join(library.folder, 'away'));
  const move = (from: string, to: string) => {
    for (const path of films(20))
      renameSync(join(library.folder, path.replace('films', from)), join(library.folder, path.replace('films', to)));
  };
  move('films', 'away');
  expect(await library.scan(id)).toMatchObject({ status: 'failed', error_code: 'too-many-missing', items_removed: 0 });
  const frozen = await library.request('GET /libraries/:libraryId', { params: { libraryId: id } });
  expect(frozen.body).toMatchObject({ state: 'frozen', state_reason: expect.stringContaining('20 of 100') });
  expect((await library.titles()).length).toBe(100);
  move('away', 'films');
  expect(await library.scan(id)).toMatchObject({ status: 'completed', items_added: 0, items_removed: 0 });
  const thawed = await library.request('GET /libraries/:libraryId', { params: { libraryId: id } });
  expect(thawed.body).toMatchObject({ state: 'ok', state_reason: null });
});

test('a loss that is confirmed takes the films out of the lists and keeps their pages', async () => {
  library.write(...films(30));
  const id = await library.add('movie', 'films');
  await library.scan(id);
  const { body } = await library.request('GET /movies', { query: { order_by: 'title', limit: 1 } });
  for (const path of films(25)) rmSync(join(library.folder, path));
  await library.scan(id);
  const confirmed = await library.request('POST /libraries/:libraryId/unfreeze', { params: { libraryId: id } });
  expect(await library.endOf(id, confirmed.body.id)).toMatchObject({ status: 'completed', items_removed: 25 });
  expect((await library.titles()).length).toBe(5);
  const params = { id: body.items[0].id };
  expect((await library.request('GET /movies/:id', { params })).body.title).toBe('Film 0');
  expect((await library.request('GET /movies/:id/files', { params })).body).toEqual([]);
});

test('a file that comes back is the same file of the same film', async () => {
  library.write(...films(3));
  const id = await library.add('movie', 'films');
  await library.scan(id);
  const { body } = await library.request('GET /movies', { query: { order_by: 'title', limit: 1 } });
  const params = { id: body.items[0].id };
  const before = await library.request('GET /movies/:id/files', { params });
  const path = join(library.folder, films(1)[0] ?? '');
  renameSync(path, join(library.folder, 'aside'));
  expect(await library.scan(id)).toMatchObject({ items_removed: 1 });
  renameSync(join(library.folder, 'aside'), path);
  expect(await library.scan(id)).toMatchObject({ items_added: 0, items_updated: 1 });
  const after = await library.request('GET /movies/:id/files', { params });
  expect(after.body[0].id).toBe(before.body[0].id);
});

test('one film in two libraries is one film with two files, and stays when one library goes', async () => {
  library.write('a/Metropolis (1927).mkv', 'b/metropolis (1927).mp4');
  const first = await library.add('movie', 'a');
  const second = await library.add('movie', 'b');
  await library.scan(first);
  await library.scan(second);
  expect(await library.titles()).toEqual(['Metropolis']);
  const { body } = await library.request('GET /movies');
  expect(body.total).toBe(1);
  const params = { id: body.items[0].id };
  expect((await library.request('GET /movies/:id/files', { params })).body.length).toBe(2);
  library.grants.set('guest', { 'library:view': [second] });
  expect((await library.request('GET /movies/:id/files', { params, as: 'guest' })).body.length).toBe(1);
  await library.request('DELETE /libraries/:libraryId', { params: { libraryId: second } });
  expect((await library.request('GET /movies/:id/files', { params })).body.length).toBe(1);
  expect(await library.titles('guest')).toEqual([]);
});

test('the files below a place that could not be read are not taken for missing', async () => {
  library.write('films/open/One (2001).mkv', 'films/shut/deep/Two (2002).mkv', 'films/shutter/Three (2003).mkv');
  const id = await library.add('movie', 'films');
  await library.scan(id);
  const unreadable = new Set([join(library.folder, 'films/shut')]);
  const missing = await findMissing(library.db, id, new NumberSet(), unreadable, AbortSignal.timeout(10_000));
  const rows = await library.db.query<{ path: string }>(
    'select path from media_files where number = any($1::bigint[]) order by path',
    [missing.numbers],
  );
  expect([missing.known, rows.map((row) => row.path.slice(library.folder.length))]).toEqual([
    3,
    ['/films/open/One (2001).mkv', '/films/shutter/Three (2003).mkv'],
  ]);
});

test('empty files, odd names, link loops and files of 255 bytes do not stop the scan', async () => {
  const long = `${'映'.repeat(80)} (2010).mkv`;
  library.write(
    'films/Line\nBreak (2001).mkv',
    'films/🎬 Emoji (2002).mkv',
    `films/${long}`,
    'films/O\'Neill "quoted" \\ (2003).mkv',
  );
  writeFileSync(join(library.folder, 'films/Nothing (2004).mkv'), '');
  symlinkSync(join(library.folder, 'films'), join(library.folder, 'films/loop'));
  symlinkSync('nowhere', join(library.folder, 'films/Dangling (2005).mkv'));
  const id = await library.add('movie', 'films');
  const scan = await library.scan(id);
  expect(scan).toMatchObject({ status: 'completed', items_added: 5 });
  const { body } = await library.request('GET /libraries/:libraryId/problems', { params: { libraryId: id } });
  expect(body.items.find((f: { path: string }) => f.path.includes('Nothing'))).toMatchObject({ code: 'empty' });
  expect(body.items.some((f: { path: string }) => f.path.includes('Line\nBreak'))).toBe(true);
  expect((await library.titles()).length).toBe(5);
  expect(await library.scan(id)).toMatchObject({ items_added: 0, items_updated: 0, items_removed: 0 });
});

test('a path longer than an index entry is stored once', async () => {
  const deep = `films/${'d'.repeat(200)}`.concat(`/${'é'.repeat(120)}`.repeat(12));
  library.write(`${deep}/Deep (2001).mkv`);
  const id = await library.add('movie', 'films');
  expect(await library.scan(id)).toMatchObject({ items_added: 1 });
  expect(await library.scan(id)).toMatchObject({ items_added: 0, items_updated: 0 });
});

test('a second scan is refused while one runs; cancelled, it keeps what it found and removes nothing', async () => {
  library.write(...films(600));
  const libraryId = await library.add('movie', 'films');
  const params = { libraryId };
  const scanId = await library.startScan(libraryId);
  const again = { params, body: { scan_type: 'full' } };
  expect((await library.request('POST /libraries/:libraryId/scan', again)).status).toBe(409);
  await until(async () => (await library.titles()).length > 0);
  const one = { params: { libraryId, scanId } };
  const cancelled = await library.request('POST /libraries/:libraryId/scans/:scanId/cancel', one);
  expect(cancelled.body).toMatchObject({ status: 'cancelled', items_removed: 0 });
  expect((await library.request('POST /libraries/:libraryId/scans/:scanId/cancel', one)).status).toBe(409);
  await library.host.settle();
  expect((await library.request('GET /libraries/:libraryId/scans/:scanId', one)).body.status).toBe('cancelled');
  expect(await library.scan(libraryId)).toMatchObject({ status: 'completed', items_removed: 0 });
  expect((await library.request('GET /movies')).body.total).toBe(600);
});

test('a scan whose job is gone is closed at the next start', async () => {
  const libraryId = await library.add('movie', 'films');
  await library.db.sql`
    insert into library_scans (id, library_id, scan_type, status, job_id, created_at)
    values (gen_random_uuid(), ${libraryId}, 'full', 'running', gen_random_uuid(), now() - interval '1 hour')`;
  expect(
    await library.request('POST /libraries/:libraryId/scan', { params: { libraryId }, body: { scan_type: 'full' } }),
  ).toMatchObject({ status: 409 });
  await library.restart();
  const { body } = await library.request('GET /libraries/:libraryId', { params: { libraryId } });
  expect(body.latest_scan).toMatchObject({ status: 'failed', error_code: 'interrupted' });
  expect(await library.scan(libraryId)).toMatchObject({ status: 'completed' });
});

test('a library deleted while its scan runs ends the scan quietly and leaves the files alone', async () => {
  library.write(...films(600));
  const libraryId = await library.add('movie', 'films');
  await library.startScan(libraryId);
  await until(async () => (await library.titles()).length > 0);
  await library.request('DELETE /libraries/:libraryId', { params: { libraryId } });
  await library.host.settle();
  expect(await library.titles()).toEqual([]);
  expect((await library.request('GET /movies')).body.total).toBe(0);
  expect(existsSync(join(library.folder, films(1)[0] ?? ''))).toBe(true);
});
