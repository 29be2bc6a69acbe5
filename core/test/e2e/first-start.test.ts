import { mkdtempSync, readFileSync, realpathSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from '@jest/globals';
import { createTestDatabase } from '../../src/testing/postgres.ts';
import { startTestServer, type TestServer, type TestServerOptions } from '../../src/testing/server.ts';
import { administrator } from '../kernel/api.ts';
import { libraries, rows, scanned, settled } from './support.ts';

const SAMPLE = fileURLToPath(new URL('../../../plugins/library/sample/', import.meta.url));
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** On a database of the run's own server: what is asked here does not depend on whose it is. */
async function fresh(options: TestServerOptions = {}): Promise<TestServer> {
  const database = await createTestDatabase();
  ends.push(() => database.drop());
  const server = await startTestServer({ ...options, env: { DATABASE_URL: database.url, ...options.env } });
  ends.push(() => server.stop());
  return server;
}

/** fetch() would not send a Host of its own. */
function register(
  server: TestServer,
  headers: Readonly<Record<string, string>> = {},
  more: Readonly<Record<string, string>> = {},
): Promise<{ status: number; body: Record<string, unknown> }> {
  const account = { username: 'first', email: 'first@example.org', password: 'a good password', ...more };
  return new Promise((done, reject) => {
    const asked = request(
      `${server.url}/api/v1/auth/register`,
      { method: 'POST', headers: { 'content-type': 'application/json', ...headers } },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        answer.once('end', () => {
          const body = JSON.parse(text) as Record<string, unknown>;
          done({ status: answer.statusCode ?? 0, body });
        });
      },
    );
    asked.once('error', reject).end(JSON.stringify(account));
  });
}

test('the first words say where it listens, how to make the first account, what is scanned and how it went', async () => {
  const server = await startTestServer({ args: ['--sample'] }); // its own PostgreSQL: nothing is given
  ends.push(() => server.stop());
  await settled(server);
  await server.printed(/Sample films: \d+ files, \d+ added, 1 with problems/);
  await server.printed(/Sample series: \d+ files, \d+ added, 0 with problems/);
  const code = readFileSync(join(server.data, 'secret-key'));
  expect(code.length).toBeGreaterThan(0);
  const { port } = new URL(server.url);
  const said = server.output();
  expect(said).toMatch(new RegExp(`^  API +http://127\\.0\\.0\\.1:${port}/`, 'm'));
  expect(said).toMatch(/^  State .*\(own PostgreSQL \d+\.\d+\)$/m);
  expect(said).toMatch(/No account yet[^]*curl http:\/\/127\.0\.0\.1:\d+\/api\/v1\/auth\/register/);
  expect(said).toMatch(/^  setup-code: [A-Z2-9-]{23} /m);
  expect(said).toMatch(/^  Scanning Sample films \(.*\/sample\/movies\) …$/m);
  expect(said).toMatch(/^Ready: auth, library\. Ctrl-C stops it\.$/m);
  expect(said).not.toMatch(/undefined|\[object|Error|Warning|^ +at /m);
});

test('the command it prints makes the first account, and the next start does not ask again', async () => {
  const server = await fresh();
  const [, url] = await server.printed(/curl (http\S+)/);
  const answer = await fetch(String(url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'ada', email: 'ada@example.org', password: 'eight or more' }),
  });
  expect([answer.status, await answer.json()]).toEqual([201, expect.objectContaining({ is_admin: true })]);
  expect(() => statSync(join(server.data, 'setup-code'))).toThrow('ENOENT');
});

test('who was passed on, comes to a foreign name or from a page of another site needs the code for the first account', async () => {
  const server = await fresh();
  const file = join(server.data, 'setup-code');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const foreign: Readonly<Record<string, string>>[] = [
    { 'x-forwarded-for': '203.0.113.9' },
    { 'x-forwarded-proto': 'https' },
    { forwarded: 'for=203.0.113.9' },
    { 'cf-connecting-ip': '203.0.113.9' },
    { via: '1.1 gate' },
    { host: 'media.example' },
    { origin: 'https://evil.example' },
  ];
  const refused = await Promise.all(foreign.map((headers) => register(server, headers)));
  expect(refused.map(({ status }) => status)).toEqual(foreign.map(() => 403));
  expect(refused[0]?.body.detail).toContain('DATA/setup-code');
  const [proxied = {}] = foreign;
  expect((await register(server, proxied, { setup_code: 'AAAAA-AAAAA-AAAAA-AAAAA' })).status).toBe(403);
  const code = readFileSync(file, 'utf8').trim();
  const made = await register(server, proxied, { setup_code: code });
  expect(made).toMatchObject({ status: 201, body: { is_admin: true } });
});

test('of many first registrations at once one becomes the administrator', async () => {
  const server = await fresh();
  const names = Array.from({ length: 6 }, (_, number) => ({
    username: `user${number}`,
    email: `user${number}@example.org`,
  }));
  const answers = await Promise.all(names.map((name) => register(server, {}, name)));
  expect(answers.map(({ status }) => status)).toEqual(names.map(() => 201));
  expect(answers.filter(({ body }) => body.is_admin)).toHaveLength(1);
});

test('a folder given twice, by a link and with a name is one library, also at the next start, and none is removed', async () => {
  const database = await createTestDatabase();
  ends.push(() => database.drop());
  const dir = mkdtempSync(join(tmpdir(), 'revenge-link-'));
  ends.push(() => rmSync(dir, { recursive: true }));
  const link = join(dir, 'films');
  symlinkSync(join(SAMPLE, 'movies'), link);
  const given = (...specs: string[]) => ({
    args: specs.flatMap((spec) => ['--library', spec]),
    env: { DATABASE_URL: database.url },
    data: join(dir, 'data'),
  });
  const named = `tvshow:My series=${join(SAMPLE, 'series')}`;
  const path = join(SAMPLE, 'movies');
  const server = await startTestServer({
    ...given(`movie=${link}`, `movie=${path}`, `movie:Films=${path}/`, named),
    cwd: dir,
  });
  const token = await administrator(server).finally(() => ends.push(() => server.stop()));
  const first = await scanned(server, token);
  expect(first.map(({ name, paths }) => [name, paths.map((each) => realpathSync(each))])).toEqual(
    expect.arrayContaining([
      ['movies', [realpathSync(path)]],
      ['My series', [realpathSync(join(SAMPLE, 'series'))]],
    ]),
  );
  expect(first).toHaveLength(2);
  expect(await server.stop()).toBe(0);

  const again = await startTestServer({ ...given(`movie:Other=${link}`), cwd: dir });
  ends.push(() => again.stop());
  expect((await libraries(again, token)).map(({ id }) => id).toSorted()).toEqual(first.map(({ id }) => id).toSorted());
  expect((await rows(again, '/movies', 'items', token)).length).toBeGreaterThan(0);
});

test('a library folder that is not there is told, and the rest is served', async () => {
  const server = await fresh({
    args: ['--library', 'movie=/nowhere/films', '--library', `movie=${join(SAMPLE, 'movies')}`],
  });
  const token = await administrator(server);
  expect((await scanned(server, token)).map(({ name }) => name)).toEqual(['movies']);
  await server.printed(/library: degraded\. .*\/nowhere\/films/);
});
