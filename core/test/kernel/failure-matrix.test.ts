import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestServer, type TestServer } from '../../src/testing/server.ts';
import { createTestDatabase } from '../../src/testing/postgres.ts';

const plugin = (name: string) => fileURLToPath(new URL(`../plugins/${name}`, import.meta.url));
const MODES = ['never', 'setup', 'setup-hangs', 'start', 'not-ready', 'needs-auth', 'stop-hangs'] as const;

let server: TestServer;
let database: Awaited<ReturnType<typeof createTestDatabase>>;
beforeAll(async () => {
  database = await createTestDatabase();
  server = await startTestServer({
    packages: ['steady', 'trouble', 'bad-import'].map(plugin),
    env: {
      DATABASE_URL: database.url,
      REVENGE__DEADLINES__SETUP_MS: '1000',
      REVENGE__DEADLINES__STOP_MS: '1000',
      ...Object.fromEntries(MODES.map((mode) => [`REVENGE__PLUGINS__TROUBLE__${mode.toUpperCase()}__AT`, mode])),
    },
  });
}, 60_000);
afterAll(async () => {
  await server?.stop();
  await database?.drop();
});

const ask = async (path: string, init?: RequestInit) => {
  const answer = await fetch(`${server.url}/api/v1${path}`, init);
  const text = await answer.text();
  return {
    status: answer.status,
    headers: answer.headers,
    body: (text ? JSON.parse(text) : undefined) as Record<string, unknown>,
  };
};
const steady = () => ask('/steady/word');
/** Polls until `look` answers something. */
async function until<T>(look: () => Promise<T | undefined> | T | undefined, ms = 10_000): Promise<T> {
  for (const end = Date.now() + ms; ;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`nothing within ${ms} ms; the server said:\n${server.output()}`);
    await new Promise((done) => setTimeout(done, 25));
  }
}
const logged = (text: string) => until(() => (server.output().includes(text) ? true : undefined));

test('an instance that fails in any way of starting answers 503 with its state, and the others serve', async () => {
  const states = Object.fromEntries(
    await Promise.all(
      MODES.map(async (mode) => {
        const { status, body, headers } = await ask(`/trouble/${mode}/lies`);
        return [mode, status === 503 ? `${String(body.state)} ${headers.has('retry-after')}` : status] as const;
      }),
    ),
  );
  expect(states).toEqual({
    never: 500,
    setup: 'failed true',
    'setup-hangs': 'failed true',
    start: 'failed true',
    'not-ready': 'retrying true',
    'needs-auth': 'needs-auth true',
    'stop-hangs': 500,
  });
  expect((await steady()).body).toEqual({ word: 'one' });
});

test('a package that throws at import is named and the server is up', async () => {
  await logged('the module threw at import');
  expect((await steady()).status).toBe(200);
});

test("a route that throws answers a problem without the plugin's words, and the log names the plugin", async () => {
  const { status, body } = await ask('/trouble/never/throws');
  expect(status).toBe(500);
  expect(body).toMatchObject({ status: 500, code: 500, request_id: expect.any(String) });
  expect(JSON.stringify(body)).not.toContain('threw in a route');
  await logged('threw in a route');
});

test('a route that answers what its contract does not declare is a 500, not a lie', async () => {
  expect((await ask('/trouble/never/lies')).status).toBe(500);
});

test('NotReady in a route is a 503 with Retry-After', async () => {
  const { status, headers } = await ask('/trouble/never/not-ready');
  expect([status, headers.get('retry-after')]).toEqual([503, '30']);
});

test.each([
  ['rejects', 'rejected and nobody awaited it'],
  ['timer', 'threw in a timer'],
  ['emitter', 'threw in an emitter'],
])('an error outside any call (%s) is put to its instance and ends nothing', async (route, words) => {
  expect((await ask(`/trouble/never/${route}`, { method: 'POST' })).status).toBe(204);
  await logged(words);
  expect((await steady()).status).toBe(200);
});

test('a job that throws fails alone and says why', async () => {
  const { body } = await ask('/trouble/never/job', { method: 'POST' });
  const failed = await until(async () => {
    const job = await ask(`/trouble/never/job/${String(body.id)}`);
    return job.body.state === 'failed' ? job.body : undefined;
  });
  expect(failed.error).toContain('threw in a job');
});

test('a server whose plugin never ends its stop still ends, with exit code 0', async () => {
  const own = await createTestDatabase();
  const data = mkdtempSync(join(tmpdir(), 'revenge-stop-'));
  const other = await startTestServer({
    data,
    packages: [plugin('trouble')],
    env: {
      DATABASE_URL: own.url,
      REVENGE__DEADLINES__STOP_MS: '500',
      REVENGE__PLUGINS__TROUBLE__A__AT: 'stop-hangs',
    },
  });
  expect(await other.stop()).toBe(0);
  expect(readFileSync(join(data, 'logs', 'revenge.log'), 'utf8')).toContain(
    'stop of trouble:a did not finish within 0.5 s',
  );
  rmSync(data, { recursive: true });
  await own.drop();
}, 60_000);
