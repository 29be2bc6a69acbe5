import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { problem } from '@revenge/sdk';
import { type LibraryUnderTest, startLibrary } from './library-host.ts';

let library: LibraryUnderTest;
afterEach(() => library.stop());

test('a library that cannot be made is said in the state, and the others are made', async () => {
  library = await startLibrary({ libraries: ['movie=/nowhere/at/all', 'tvshow:My Shows=/tmp'] });
  expect([library.host.state, library.host.reason]).toEqual(['degraded', expect.stringContaining('/nowhere/at/all')]);
  const { body } = await library.request('GET /libraries');
  expect(body.libraries.map((l: { name: string }) => l.name)).toEqual(['My Shows']);
});

test('two folders of one name become two libraries with two names, however often they are given', async () => {
  library = await startLibrary();
  library.write('a/films/One (2001).mkv', 'b/films/Two (2002).mkv');
  const given = ['a/films', 'b/films', 'a/../a/films'].map((path) => ({
    type: 'movie',
    path: join(library.folder, path),
  }));
  await library.restart({ libraries: given });
  await library.restart({ libraries: given });
  await library.host.settle();
  const { body } = await library.request('GET /libraries');
  expect(body.libraries.map((l: { name: string }) => l.name)).toEqual(['films', 'films (2)']);
  expect(await library.titles()).toEqual(['One', 'Two']);
});

test('a series that loses its last episode leaves the list, and its page stays', async () => {
  library = await startLibrary();
  library.write('tv/Gone/Gone S01E01.mkv', 'tv/Stays/Stays S01E01.mkv', 'tv/Stays/Stays S01E02.mkv');
  const id = await library.add('tvshow', 'tv');
  await library.scan(id);
  const before = await library.request('GET /tvshows', { query: { order_by: 'title' } });
  expect(before.body.total).toBe(2);
  const seriesId: string = before.body.items[0].id;
  library.remove('tv/Gone', 'tv/Stays/Stays S01E02.mkv');
  expect(await library.scan(id)).toMatchObject({ status: 'completed', items_removed: 2 });
  const after = await library.request('GET /tvshows');
  expect(after.body).toMatchObject({ total: 1, items: [{ title: 'Stays', total_episodes: 1 }] });
  const page = await library.request('GET /tvshows/:id', { params: { id: seriesId } });
  expect(page.body).toMatchObject({ title: 'Gone', total_episodes: 0 });
  expect((await library.request('GET /tvshows/:id/episodes', { params: { id: seriesId } })).body).toEqual([]);
});

test('sharing a library goes to whoever keeps grants, with what each permission includes', async () => {
  const kept = new Map<string, object>();
  const created_at = new Date(0).toISOString();
  library = await startLibrary(
    {},
    {
      grant: async (given) => {
        const grant = { id: randomUUID(), includes: [], created_at, ...given };
        kept.set(`${given.user_id} ${given.grant}`, grant);
        return grant;
      },
      list: async () => [...kept.values()] as never,
      revoke: async (user, grant) => kept.delete(`${user} ${grant}`),
      revokeAll: async () => kept.clear(),
    },
  );
  const libraryId = await library.add('movie', 'films');
  const user_id = randomUUID();
  const params = { libraryId };
  const given = await library.request('POST /libraries/:libraryId/permissions', {
    params,
    body: { user_id, permission: 'download' },
  });
  expect(given).toMatchObject({ status: 201, body: { library_id: libraryId, user_id, permission: 'download' } });
  expect([...kept.values()]).toMatchObject([{ grant: 'library:download', includes: ['library:view'] }]);
  const listed = await library.request('GET /libraries/:libraryId/permissions', { params });
  expect(listed.body).toMatchObject({ total: 1, permissions: [{ user_id }] });
  const one = { params: { libraryId, userId: user_id }, query: { permission: 'download' } };
  expect((await library.request('DELETE /libraries/:libraryId/permissions/:userId', one)).status).toBe(204);
  expect((await library.request('DELETE /libraries/:libraryId/permissions/:userId', one)).status).toBe(404);
  kept.set('left', {});
  await library.request('DELETE /libraries/:libraryId', { params });
  expect(kept.size).toBe(0);
});

test('without a plugin that keeps grants, sharing is unavailable and everything else works', async () => {
  library = await startLibrary();
  const libraryId = await library.add('movie', 'films');
  const { status } = await library.request('GET /libraries/:libraryId/permissions', { params: { libraryId } });
  expect(status).toBe(problem.unavailable('').status);
});
