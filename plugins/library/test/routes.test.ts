import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openapi } from '@revenge/sdk';
import { contract } from '../src/contract.ts';
import { type LibraryUnderTest, startLibrary } from './library-host.ts';

let library: LibraryUnderTest;
let films: string;
let fileId: string;
let movieId: string;
beforeAll(async () => {
  library = await startLibrary();
  library.write('films/Metropolis (1927).mp4', 'films/Sunrise (1927).mkv', 'films/The Wind (1928).mkv', 'other/x.txt');
  films = await library.add('movie', 'films');
  await library.scan(films);
  const { body } = await library.request('GET /movies', { query: { order_by: 'title' } });
  movieId = body.items[0].id;
  fileId = (await library.request('GET /movies/:id/files', { params: { id: movieId } })).body[0].id;
  library.grants.set('stranger', {});
  library.grants.set('viewer', { 'library:view': [films] });
});
afterAll(() => library.stop());

const create = (body: object) => library.request('POST /libraries', { body });

test('films come in every order, both ways, in pages and by year, with the total of all', async () => {
  const titles = async (query: Record<string, string | number>) => {
    const { body } = await library.request('GET /movies', { query });
    return [body.total, body.items.map((movie: { title: string }) => movie.title)];
  };
  expect(await titles({ order_by: 'title' })).toEqual([3, ['Metropolis', 'Sunrise', 'The Wind']]);
  expect(await titles({ order_by: 'title', order: 'desc' })).toEqual([3, ['The Wind', 'Sunrise', 'Metropolis']]);
  expect((await titles({ order_by: 'year' }))[1]?.[0]).toBe('The Wind');
  expect(await titles({ order_by: 'title', limit: 1, offset: 1 })).toEqual([3, ['Sunrise']]);
  expect(await titles({ order_by: 'title', year: 1927 })).toEqual([2, ['Metropolis', 'Sunrise']]);
  expect(await titles({ library_id: '00000000-0000-7000-8000-00000000dead' })).toEqual([0, []]);
  expect(await titles({ offset: 99 })).toEqual([3, []]);
});

test.each([
  ['a folder that is not there', { paths: ['/nowhere/at/all'] }, 422],
  ['a path that is not absolute', { paths: ['films'] }, 422],
  ['no path', { paths: [] }, 422],
  ['a path with a NUL', { paths: ['/tmp/\0'] }, 400],
  ['a type that nobody serves', { type: 'music', paths: ['/tmp'] }, 400],
  ['a type that does not exist', { type: 'films', paths: ['/tmp'] }, 422],
  ['an empty name', { name: ' ', paths: ['/tmp'] }, 422],
])('a library with %s is refused', async (_what, given, status) => {
  expect((await create({ name: 'Refused', type: 'movie', ...given })).status).toBe(status);
});

test('a file given as a folder is refused', async () => {
  writeFileSync(join(library.folder, 'a-file'), '');
  const { status, body } = await create({ name: 'File', type: 'movie', paths: [join(library.folder, 'a-file')] });
  expect([status, body.detail]).toEqual([422, expect.stringContaining('not a folder')]);
});

test('a name or a folder that another library has is a conflict, also when the library is changed', async () => {
  const other = join(library.folder, 'other');
  expect((await create({ name: 'FILMS', type: 'movie', paths: [other] })).status).toBe(409);
  expect((await create({ name: 'Again', type: 'movie', paths: [join(library.folder, 'films/../films')] })).status).toBe(
    409,
  );
  const id = await library.add('movie', 'other', 'Other');
  const one = { params: { libraryId: id } };
  expect((await library.request('PUT /libraries/:libraryId', { ...one, body: { name: 'films' } })).status).toBe(409);
  const changed = await library.request('PUT /libraries/:libraryId', {
    ...one,
    body: { name: 'Else', enabled: false },
  });
  expect(changed.body).toMatchObject({ name: 'Else', enabled: false, paths: [other] });
  const scan = { ...one, body: { scan_type: 'full' } };
  expect((await library.request('POST /libraries/:libraryId/scan', scan)).status).toBe(409);
  expect((await library.request('DELETE /libraries/:libraryId', one)).status).toBe(204);
  expect((await library.request('GET /libraries/:libraryId', one)).status).toBe(404);
});

test.each(["' or 1=1 --", '%00', '../../etc/passwd', '123', 'x'.repeat(3000), '00000000-0000-0000-0000-00000000000g'])(
  'a hostile id is refused and never a fault: %p',
  async (id) => {
    for (const key of [
      'GET /movies/:id',
      'GET /tvshows/:id',
      'GET /files/:id/stream',
      'POST /files/:id/url',
    ] as const) {
      const { status } = await library.request(key, { params: { id } });
      expect([400, 404, 422]).toContain(status);
    }
    const { status } = await library.request('GET /libraries/:libraryId', { params: { libraryId: id } });
    expect([400, 404, 422]).toContain(status);
  },
);

test('a disabled library hides its films until it is enabled again', async () => {
  const one = { params: { libraryId: films } };
  await library.request('PUT /libraries/:libraryId', { ...one, body: { enabled: false } });
  expect(await library.titles()).toEqual([]);
  expect((await library.request('GET /movies')).body.total).toBe(0);
  await library.request('PUT /libraries/:libraryId', { ...one, body: { enabled: true } });
  expect((await library.titles()).length).toBe(3);
});

test('whoever may not manage libraries is refused, and sees only those granted', async () => {
  const one = { params: { libraryId: films } };
  expect(
    (await library.request('POST /libraries', { as: 'viewer', body: { name: 'X', type: 'movie', paths: ['/tmp'] } }))
      .status,
  ).toBe(403);
  expect((await library.request('DELETE /libraries/:libraryId', { as: 'viewer', ...one })).status).toBe(403);
  expect((await library.request('GET /libraries/:libraryId', { as: 'viewer', ...one })).status).toBe(200);
  expect((await library.request('GET /libraries/:libraryId', { as: 'stranger', ...one })).status).toBe(404);
  expect((await library.request('GET /libraries/:libraryId/scans', { as: 'stranger', ...one })).status).toBe(404);
  expect((await library.request('GET /libraries', { as: 'stranger' })).body).toEqual({ libraries: [], total: 0 });
});

test('a signed link plays with ranges, for its file and user, until the user loses the library', async () => {
  const { body } = await library.request('POST /files/:id/url', { params: { id: fileId }, as: 'viewer' });
  const content = readFileSync(join(library.folder, 'films/Metropolis (1927).mp4'));
  const whole = await fetch(body.url);
  expect([whole.status, whole.headers.get('content-type'), whole.headers.get('accept-ranges')]).toEqual([
    200,
    'video/mp4',
    'bytes',
  ]);
  expect(Buffer.from(await whole.arrayBuffer()).equals(content)).toBe(true);
  const part = await fetch(body.url, { headers: { range: 'bytes=4-9' } });
  expect([part.status, await part.text()]).toEqual([206, content.subarray(4, 10).toString()]);
  const head = await fetch(body.url, { method: 'HEAD' });
  expect(head.headers.get('content-length')).toBe(String(content.length));
  const hours = (new Date(body.expires_at).getTime() - Date.now()) / 3_600_000;
  expect(Math.round(hours)).toBe(12);
  expect((await fetch(body.url.replace(fileId, movieId))).status).toBeGreaterThanOrEqual(400);
  library.grants.set('viewer', {});
  expect((await fetch(body.url)).status).toBe(404);
  library.grants.set('viewer', { 'library:view': [films] });
});

test('a download needs its grant and comes as an attachment', async () => {
  const { body } = await library.request('POST /files/:id/url', { params: { id: fileId }, as: 'viewer' });
  expect((await fetch(`${body.url}?download=1`)).status).toBe(403);
  library.grants.set('viewer', { 'library:view': [films], 'library:download': [films] });
  const download = await fetch(`${body.url}?download=1`);
  await download.arrayBuffer();
  expect(download.headers.get('content-disposition')).toMatch(/^attachment;.*Metropolis/);
});

test('a file that went away since the scan is not found, and no fault', async () => {
  const { body } = await library.request('GET /movies', { query: { order_by: 'title', limit: 1, offset: 2 } });
  const files = await library.request('GET /movies/:id/files', { params: { id: body.items[0].id } });
  library.remove('films/The Wind (1928).mkv');
  const link = await library.request('POST /files/:id/url', { params: { id: files.body[0].id } });
  expect((await fetch(link.body.url)).status).toBe(404);
});

test('a path is shown as it is understood, whether it exists or not', async () => {
  const { body } = await library.request('GET /libraries/parse', {
    query: { path: 'Some Show - S02E03.mkv', type: 'tvshow' },
  });
  expect(body).toMatchObject({ kind: 'episode', title: 'Some Show', season: 2, episodes: [3] });
});

test('the events tell of new films once, and how the scan ended', () => {
  const emitted = library.host.emitted.filter((event) => event.name !== 'scanProgress').map((event) => event.name);
  expect(emitted.slice(0, 2)).toEqual(['worksAdded', 'scanFinished']);
});

test('scans are counted in metrics by library', async () => {
  const metrics = await library.host.metrics();
  expect(metrics[`revenge_library_files_scanned_total{library_id="${films}"}`]).toBe(3);
  expect(metrics[`revenge_library_scan_duration_seconds_count{library_id="${films}"}`]).toBe(1);
  expect(metrics[`revenge_library_scan_errors_total{library_id="${films}",error_type="corrupt"}`]).toBe(3);
});

test('the contract derives a document for each of its routes', () => {
  const { paths } = openapi([contract]) as { paths: object };
  expect(Object.keys(paths)).toContain('/api/v1/libraries/{libraryId}/scans/{scanId}/cancel');
});
