import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from '@jest/globals';
import { freePort } from '../../src/database/embedded/free-port.ts';
import { until } from '../../src/testing/poll.ts';
import { createTestDatabase } from '../../src/testing/postgres.ts';
import { startTestServer, type TestServer, type TestServerOptions } from '../../src/testing/server.ts';
import { administrator, call } from '../kernel/api.ts';
import { ended, films, type Scan, scanned, seen, theLibrary } from './support.ts';

const BIN = fileURLToPath(new URL('../../bin/revenge.mjs', import.meta.url));
const COPIES = 400;
const account = { username: 'admin', password: 'a good password' };

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function start(options: TestServerOptions): Promise<TestServer> {
  const server = await startTestServer(options);
  ends.push(() => server.stop());
  return server;
}
function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'revenge-resilience-'));
  chmodSync(dir, 0o755); // as root PostgreSQL runs as another user, who has to get there
  ends.push(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
const login = async (server: TestServer): Promise<string> =>
  String((await call(server, 'POST /auth/login', { body: account })).body.access_token);

test('a server killed twice in the middle of a scan, its PostgreSQL left behind, finishes it as if nothing had been', async () => {
  const dir = folder();
  const root = films(dir, COPIES);
  const args = ['--library', `movie=${root}`];
  const data = join(dir, 'data');
  const undisturbed = await createTestDatabase();
  ends.push(() => undisturbed.drop());

  const first = await startTestServer({ args, data, cwd: dir });
  let token = await administrator(first);
  await until(
    'the scan is at work',
    async () => ((await theLibrary(first, token)).latest_scan?.items_scanned ?? 0) > 0 || undefined,
  );
  const cut = (await theLibrary(first, token)).latest_scan;
  await first.kill();
  expect(cut?.status).toBe('running');
  const second = await startTestServer({ args, data, cwd: dir }); // at once: its PostgreSQL is still there
  await second.kill();

  const third = await start({ args, data, cwd: dir });
  token = await login(third);
  const [library] = await scanned(third, token);
  expect(library?.latest_scan).toMatchObject({ status: 'completed', items_scanned: COPIES });
  const { body } = await call(third, `GET /libraries/${library?.id}/scans`, { as: token });
  expect((body.scans as Scan[]).filter((scan) => !ended(scan))).toEqual([]);
  const result = await seen(third, token);

  const other = await start({ args, env: { DATABASE_URL: undisturbed.url }, cwd: dir });
  const otherToken = await administrator(other);
  await scanned(other, otherToken);
  expect(result).toEqual(await seen(other, otherToken));
}, 90_000);

test('a second server on the same data folder is refused with the pid and port of the first', async () => {
  const port = await freePort();
  const data = join(folder(), 'data');
  const server = await start({ args: ['--port', String(port)], data, cwd: tmpdir() });
  const refused = await new Promise<{ code: unknown; said: string }>((done) =>
    execFile(process.execPath, [BIN, 'start', '--data', data, '--port', '0'], { cwd: tmpdir() }, (error, out, err) =>
      done({ code: error?.code, said: out + err }),
    ),
  );
  expect(refused).toEqual({ code: 1, said: expect.stringContaining(`pid ${server.process.pid}`) });
  expect(refused.said).toContain(`port ${port}`);
  expect(refused.said).not.toMatch(/^ +at /m);
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
});
