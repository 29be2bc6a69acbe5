import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { until } from '../../src/testing/poll.ts';
import { createTestDatabase, startTestCluster } from '../../src/testing/postgres.ts';
import { startTestServer, type TestServer, type TestServerOptions } from '../../src/testing/server.ts';
import { administrator, call } from '../kernel/api.ts';
import { films, type Scan, scanned, seen, theLibrary } from './support.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function start(options: TestServerOptions): Promise<TestServer> {
  const server = await startTestServer(options);
  ends.push(() => server.stop());
  return server;
}

test('without its database the server says so, refuses in words, lives on, and is back by itself', async () => {
  const cluster = await startTestCluster();
  ends.push(() => cluster.stop());
  const server = await start({ args: ['--sample'], env: { DATABASE_URL: cluster.url } });
  const token = await administrator(server);
  await scanned(server, token);
  const ready = async () => (await fetch(`${server.url}/readyz`)).status;

  const back = await cluster.away();
  await until('readyz names the loss', async () => (await ready()) === 503 || undefined);
  const reasons: unknown = await (await fetch(`${server.url}/readyz`)).json();
  expect(JSON.stringify(reasons)).toMatch(/database/);
  const answers = await Promise.all(
    ['GET /movies', 'GET /libraries', 'GET /plugins'].map((key) => call(server, key, { as: token })),
  );
  const [movies] = answers;
  expect(movies).toMatchObject({ status: 503, body: { status: 503, title: expect.any(String) } });
  expect(movies?.headers.get('content-type')).toContain('application/problem+json');
  expect(Number(movies?.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(answers.every(({ status }) => status === 503 || status === 200)).toBe(true);
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  expect((await fetch(`${server.url}/`)).status).toBe(200);

  await back();
  await until('readyz is well again', async () => (await ready()) === 200 || undefined);
  await until(
    'films are listed',
    async () => (await call(server, 'GET /movies', { as: token })).status === 200 || undefined,
  );
  const library = await theLibrary(server, token);
  await call(server, `POST /libraries/${library.id}/scan`, { as: token, body: { scan_type: 'full' } });
  await scanned(server, token);
  expect((await theLibrary(server, token)).latest_scan?.status).toBe('completed');
}, 60_000);

test('a library folder that is away fails its scan with the reason, loses nothing, and is whole when it is back', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'revenge-away-'));
  ends.push(() => rmSync(dir, { recursive: true, force: true }));
  const root = films(dir, 8);
  const database = await createTestDatabase();
  ends.push(() => database.drop());
  const server = await start({ args: ['--library', `movie=${root}`], env: { DATABASE_URL: database.url }, cwd: dir });
  const token = await administrator(server);
  const [library] = await scanned(server, token);
  const scan = async (): Promise<Scan | undefined> => {
    const body = { scan_type: 'full' };
    expect((await call(server, `POST /libraries/${library?.id}/scan`, { as: token, body })).status).toBe(202);
    return (await scanned(server, token))[0]?.latest_scan;
  };
  const before = await seen(server, token);

  renameSync(root, `${root}.away`);
  expect(await scan()).toMatchObject({ status: 'failed', error_code: 'root-missing' });
  expect(await seen(server, token)).toEqual(before);
  mkdirSync(root); // as the mount point of a disk that is not there
  expect(await scan()).toMatchObject({ status: 'failed', error_code: 'root-empty' });
  expect(await seen(server, token)).toEqual(before);

  rmSync(root, { recursive: true });
  renameSync(`${root}.away`, root);
  expect(await scan()).toMatchObject({ status: 'completed', items_removed: 0, items_added: 0 });
  expect(await seen(server, token)).toEqual(before);
});
