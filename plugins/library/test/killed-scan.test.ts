import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sampleRoots } from '../src/sample.ts';
import { until } from './library-host.ts';
import { RealServer } from './real-server.ts';

const FILMS = 400;
const account = { username: 'admin', email: 'admin@example.org', password: 'correct horse' };
let folder: string;
const running: RealServer[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'revenge-killed-'));
  // As root the server runs its PostgreSQL as another user, who has to get there.
  chmodSync(folder, 0o755);
  const clip = join(sampleRoots().movies, 'Big Test Pattern (2021)/Big Test Pattern (2021) [1080p].mp4');
  mkdirSync(join(folder, 'films'));
  for (let n = 0; n < FILMS; n++) cpSync(clip, join(folder, `films/Film ${n} (2000).mp4`));
});
afterAll(async () => {
  for (const server of running) await server.end('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
});

const start = async (): Promise<RealServer> => {
  const server = await RealServer.start(join(folder, 'data'), ['--library', `movie=${join(folder, 'films')}`]);
  running.push(server);
  return server;
};
const signIn = async (server: RealServer): Promise<string> => {
  const { username, password } = account;
  return (await server.ask('/auth/login', { body: { username, password } })).access_token;
};
const scanOf = async (server: RealServer, token: string) =>
  (await server.ask('/libraries', { token })).libraries[0].latest_scan;

test('a server killed in the middle of a scan finishes it after its restart, as if nothing had been', async () => {
  const doomed = await start();
  await doomed.ask('/auth/register', { body: account });
  const before = await signIn(doomed);
  await until(async () => (await doomed.ask('/movies', { token: before })).total > 0);
  const cut = await scanOf(doomed, before);
  running.pop();
  await doomed.end('SIGKILL');
  expect(cut.status).toBe('running');

  const server = await start();
  const token = await signIn(server);
  await until(async () => ['completed', 'failed'].includes((await scanOf(server, token)).status));
  const scan = await scanOf(server, token);
  expect(scan).toMatchObject({ status: 'completed', items_scanned: FILMS, items_added: FILMS, error_count: 0 });
  expect(scan.id).toBe(cut.id);
  const { total, items } = await server.ask('/movies?order_by=title&limit=100', { token });
  expect([total, items[0].title]).toEqual([FILMS, 'Film 0']);
  const files = await server.ask(`/movies/${items[0].id}/files`, { token });
  expect(files).toMatchObject([{ container: 'mp4', video_codec: 'h264', problem: null }]);
}, 90_000);
