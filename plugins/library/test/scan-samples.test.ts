import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ADMIN, type LibraryUnderTest, startLibrary } from './library-host.ts';

let library: LibraryUnderTest;
beforeAll(async () => {
  library = await startLibrary({ sample: true });
  await library.host.settle();
});
afterAll(() => library.stop());

const movieId = async (title: string): Promise<string> => {
  const { body } = await library.request('GET /movies', { query: { limit: 100 } });
  return body.items.find((movie: { title: string }) => movie.title === title).id;
};

test('the sample libraries are made, scanned and listed at the first start', async () => {
  const { body } = await library.request('GET /libraries');
  expect(
    body.libraries.map((l: { name: string; latest_scan: { status: string } }) => [l.name, l.latest_scan.status]),
  ).toEqual([
    ['Sample films', 'completed'],
    ['Sample series', 'completed'],
  ]);
  expect(await library.titles()).toEqual([
    'Big Test Pattern',
    'Broken Reel',
    'Grey Ramp',
    'Life of Cells',
    'Pocket Camera',
    'Sliding Colours',
    'Two Voices',
    'Wide Colour',
    'Колесо времени',
  ]);
});

test('a file tells what is inside it', async () => {
  const { body } = await library.request('GET /movies/:id/files', { params: { id: await movieId('Two Voices') } });
  expect(body).toMatchObject([
    {
      file_name: 'Two.Voices.2015.1080p.BluRay.x264.DUAL-NONE.mkv',
      container: 'mkv',
      video_codec: 'h264',
      problem: null,
    },
  ]);
  expect(body[0].audio_languages.length).toBe(2);
  expect(body[0].subtitle_languages.length).toBeGreaterThan(0);
  expect(body[0].duration_seconds).toBeGreaterThan(0);
});

test('a corrupt file is listed with its problem', async () => {
  const { body } = await library.request('GET /movies/:id/files', { params: { id: await movieId('Broken Reel') } });
  expect(body).toMatchObject([{ problem: { code: 'corrupt' }, container: null }]);
});

test('series have their seasons, episodes and files, and one file may hold two episodes', async () => {
  const { body } = await library.request('GET /tvshows', { query: { order_by: 'title' } });
  expect(
    body.items.map((s: { title: string; total_seasons: number; total_episodes: number }) => [
      s.title,
      s.total_seasons,
      s.total_episodes,
    ]),
  ).toEqual([
    ['Signal and Noise', 2, 7],
    ['試験電波', 1, 2],
  ]);
  const id = body.items[0].id;
  const seasons = await library.request('GET /tvshows/:id/seasons', { params: { id } });
  expect(seasons.body.map((s: { name: string; episode_count: number }) => [s.name, s.episode_count])).toEqual([
    ['Specials', 1],
    ['Season 1', 4],
    ['Season 2', 2],
  ]);
  const episodes = await library.request('GET /tvshows/seasons/:id/episodes', { params: { id: seasons.body[1].id } });
  expect(episodes.body.map((e: { episode_number: number }) => e.episode_number)).toEqual([1, 2, 3, 4]);
  const files = await Promise.all(
    episodes.body
      .slice(1, 3)
      .map((e: { id: string }) => library.request('GET /tvshows/episodes/:id/files', { params: { id: e.id } })),
  );
  expect(files[0]?.body[0].id).toBe(files[1]?.body[0].id);
});

test('a list takes the same few statements whatever its length', async () => {
  const movies = await library.counting(() => library.request('GET /movies', { query: { limit: 100 } }));
  const shows = await library.counting(() => library.request('GET /tvshows', { query: { limit: 100 } }));
  const libraries = await library.counting(() => library.request('GET /libraries'));
  expect([movies, shows, libraries]).toEqual([2, 2, 2]);
});

test('a user without grants sees nothing, and one with a grant sees that library', async () => {
  const { body } = await library.request('GET /libraries');
  const films = body.libraries[0].id;
  const id = await movieId('Grey Ramp');
  const files = await library.request('GET /movies/:id/files', { params: { id } });
  const file = { params: { id: files.body[0].id } };
  library.grants.set('stranger', {});
  library.grants.set('guest', { 'library:view': [films] });
  expect(await library.titles('stranger')).toEqual([]);
  expect((await library.request('GET /tvshows', { as: 'stranger' })).body).toEqual({ items: [], total: 0 });
  expect((await library.request('GET /movies/:id', { params: { id }, as: 'stranger' })).status).toBe(404);
  expect((await library.request('GET /movies/:id/files', { params: { id }, as: 'stranger' })).status).toBe(404);
  expect((await library.request('POST /files/:id/url', { ...file, as: 'stranger' })).status).toBe(404);
  expect((await library.titles('guest')).length).toBe(9);
  expect((await library.request('GET /tvshows', { as: 'guest' })).body.total).toBe(0);
  expect(
    (await library.request('GET /files/:id/stream', { ...file, query: { download: '1' }, as: 'guest' })).status,
  ).toBe(403);
  expect(await library.provides().file(file.params.id, 'stranger')).toBeUndefined();
  expect(await library.provides().file(file.params.id, ADMIN)).toMatchObject({ type: 'video/x-msvideo' });
});

test('a second start makes no second library and a scan of unchanged files changes nothing', async () => {
  const before = await library.request('GET /movies', { query: { limit: 100 } });
  await library.restart();
  await library.host.settle();
  const { body } = await library.request('GET /libraries');
  expect(body.total).toBe(2);
  expect(body.libraries[0].latest_scan).toMatchObject({
    items_added: 0,
    items_updated: 0,
    items_removed: 0,
    status: 'completed',
  });
  expect(await library.request('GET /movies', { query: { limit: 100 } })).toEqual(before);
});
