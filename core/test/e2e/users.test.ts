import { chmodSync, chownSync, cpSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from '@jest/globals';
import { startTestServer, type TestServer } from '../../src/testing/server.ts';
import { administrator, call } from '../kernel/api.ts';
import { libraries, rows, scanned } from './support.ts';

const BIN = fileURLToPath(new URL('../../bin/revenge.mjs', import.meta.url));
const SAMPLE = fileURLToPath(new URL('../../../plugins/library/sample/movies/', import.meta.url));
/** nobody, on every Linux and macOS of ours. */
const NOBODY =
  process.platform === 'darwin' ? { uid: 4_294_967_294, gid: 4_294_967_294 } : { uid: 65_534, gid: 65_534 };
const isRoot = process.getuid?.() === 0;

/** Why an ordinary user cannot be tried here; undefined: it can. As an ordinary user oneself, one is it. */
function hindrance(): string | undefined {
  if (!isRoot) return undefined;
  const tried = spawnSync(process.execPath, [BIN, '--version'], { ...NOBODY, env: {}, encoding: 'utf8', cwd: '/' });
  return tried.status === 0 ? undefined : `nobody may not run ${BIN}: ${tried.error?.message ?? tried.stderr}`;
}
const reason = hindrance();
if (reason) process.stderr.write(`skipped: ${reason}\n`);

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** A folder of that user's own, with a server in it that knows neither HOME nor LANG and brings its own PostgreSQL. */
async function serverOf(user: typeof NOBODY | undefined): Promise<{ server: TestServer; films: string }> {
  const dir = mkdtempSync(join(tmpdir(), 'revenge-user-'));
  ends.push(() => rmSync(dir, { recursive: true, force: true }));
  chmodSync(dir, 0o755);
  const films = join(dir, 'films');
  cpSync(SAMPLE, films, { recursive: true });
  const clip = join(SAMPLE, 'Pocket Camera (2023)/Pocket Camera (2023).mov');
  cpSync(clip, join(films, 'Closed/Closed Door (2011).mov'));
  if (user) chownSync(dir, user.uid, user.gid);
  const args = ['--library', `movie=${films}`];
  const server = await startTestServer({ args, data: join(dir, 'data'), cwd: dir, ...(user && { user }) });
  ends.push(() => server.stop());
  return { server, films };
}

const scanAgain = async (server: TestServer, token: string) => {
  const [library] = await libraries(server, token);
  await call(server, `POST /libraries/${library?.id}/scan`, { as: token, body: { scan_type: 'full' } });
  const [after] = await scanned(server, token);
  const { body } = await call(server, `GET /libraries/${after?.id}/scans/${after?.latest_scan?.id}`, { as: token });
  return body;
};
const titles = async (server: TestServer, token: string) =>
  (await rows(server, '/movies?limit=100&order_by=title', 'items', token)).map(({ title }) => title);

(reason ? describe.skip : describe)('as an ordinary user', () => {
  test('an ordinary user without HOME and LANG gets a whole server; a folder closed to it is told, not forgotten', async () => {
    const { server, films } = await serverOf(isRoot ? NOBODY : undefined);
    const token = await administrator(server);
    await scanned(server, token);
    const before = await titles(server, token);
    expect(before).toEqual(expect.arrayContaining(['Closed Door', 'Колесо времени']));
    expect((await call(server, 'GET /movies?order_by=title&limit=1', { as: token })).status).toBe(200);
    expect(statSync(join(server.data, 'secret-key')).mode & 0o077).toBe(0);

    chmodSync(join(films, 'Closed'), 0o000);
    if (isRoot) chownSync(join(films, 'Closed'), 0, 0);
    const scan = await scanAgain(server, token);
    expect(scan).toMatchObject({
      status: 'completed',
      items_removed: 0,
      errors: [{ path: join(films, 'Closed'), code: expect.any(String), message: expect.any(String) }],
    });
    expect(await titles(server, token)).toEqual(before);
    chmodSync(join(films, 'Closed'), 0o755);
    expect(await server.stop()).toBe(0);
  });
});

if (!isRoot) process.stderr.write('skipped: a server of root can only be tried as root\n');
(isRoot ? describe : describe.skip)('as root', () => {
  test('root gets a whole server too, its PostgreSQL runs as somebody else', async () => {
    const { server } = await serverOf(undefined);
    const token = await administrator(server);
    await scanned(server, token);
    expect(await titles(server, token)).toContain('Колесо времени');
    expect(statSync(join(server.data, 'postgres/18')).uid).not.toBe(0);
    expect(await server.stop()).toBe(0);
  });
});
