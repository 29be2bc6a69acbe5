import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../src/testing/postgres.ts';
import { until } from '../../src/testing/poll.ts';
import { startTestServer, type TestServer } from '../../src/testing/server.ts';
import { administrator, call } from './api.ts';

const plugin = (name: string) => fileURLToPath(new URL(`../plugins/${name}`, import.meta.url));

let database: TestDatabase;
let server: TestServer;
let other: TestServer;
let admin = '';
beforeAll(async () => {
  database = await createTestDatabase();
  const options = {
    packages: ['steady', 'trouble'].map(plugin),
    env: { DATABASE_URL: database.url, REVENGE__SECRET_KEY: 'one secret for both of these nodes' },
  };
  server = await startTestServer(options);
  other = await startTestServer(options);
  admin = await administrator(server);
}, 90_000);
afterAll(async () => {
  await Promise.all([server?.stop(), other?.stop()]);
  await database?.drop();
});

const put = (values: object) => call(server, 'PUT /plugins/steady/config', { as: admin, body: values });
const word = async (of = server) => (await call(of, 'GET /steady/word')).body.word;

test('a changed config is served at once, here and on the other node, and a request under way gets the old answer', async () => {
  await put({ word: 'before' });
  const underWay = call(server, 'GET /steady/slow/700');
  await until('the slow request is in the handler', async () =>
    (await (await fetch(`${server.observability}/metrics`)).text()).match(/^revenge_http_requests_in_flight 1$/m)
      ? true
      : undefined,
  );
  expect((await put({ word: 'after' })).body).toMatchObject({ id: 'steady', state: 'ready' });
  expect(await word()).toBe('after');
  expect((await underWay).body).toEqual({ word: 'before' });
  expect(await until('the other node follows', async () => ((await word(other)) === 'after' ? true : undefined))).toBe(
    true,
  );
});

test('a config that its plugin does not start with is refused in words and the running one stays', async () => {
  await put({ word: 'good' });
  const { status, body } = await put({ word: 'bad', broken: true });
  expect([status, body.detail]).toEqual([409, expect.stringContaining('told to be broken')]);
  expect(await word()).toBe('good');
  await put({ word: 'good' });
});

test('a wrong value is a 422 that names the field, and an unknown instance a 404', async () => {
  const { status, body } = await put({ word: 7 });
  expect([status, body.errors]).toEqual([422, [{ path: 'word', message: expect.any(String) }]]);
  expect((await put({ wrod: 'x' })).body.errors).toEqual([
    { path: 'wrod', message: 'no such setting; there are: word, broken' },
  ]);
  expect((await call(server, 'GET /plugins/nobody/config', { as: admin })).status).toBe(404);
});

test('only an administrator may look at or change plugins', async () => {
  expect((await call(server, 'GET /plugins')).status).toBe(401);
  const guest = { username: 'guest', password: 'a good password' };
  await call(server, 'POST /auth/register', { body: { ...guest, email: 'guest@example.org' } });
  const { body } = await call(server, 'POST /auth/login', { body: guest });
  expect((await call(server, 'GET /plugins', { as: body.access_token as string })).status).toBe(403);
});

test('a disabled plugin answers 503 with its state on both nodes and comes back when it is enabled', async () => {
  expect((await call(server, 'POST /plugins/steady/disable', { as: admin })).body).toMatchObject({ state: 'disabled' });
  const answer = await call(server, 'GET /steady/word');
  expect([answer.status, answer.body.state]).toEqual([503, 'disabled']);
  await until('the other node turns it off', async () =>
    (await call(other, 'GET /steady/word')).status === 503 ? true : undefined,
  );
  expect((await call(server, 'POST /plugins/steady/enable', { as: admin })).body).toMatchObject({ state: 'ready' });
  await until('the other node turns it on', async () =>
    (await call(other, 'GET /steady/word')).status === 200 ? true : undefined,
  );
});

test('no request is lost while an instance is restarted again and again', async () => {
  const asking = new AbortController();
  const statuses: number[] = [];
  const asker = (async () => {
    while (!asking.signal.aborted) statuses.push((await call(server, 'GET /steady/word')).status);
  })();
  for (let i = 0; i < 5; i += 1)
    expect((await call(server, 'POST /plugins/steady/restart', { as: admin })).status).toBe(200);
  asking.abort();
  await asker;
  expect(new Set(statuses)).toEqual(new Set([200]));
});

test('instances of one plugin are made, serve under their own path, and go', async () => {
  const made = await call(server, 'POST /plugins', {
    as: admin,
    body: { plugin: 'trouble', instance: 'uhd', config: {} },
  });
  expect([made.status, made.body.state]).toEqual([201, 'ready']);
  expect(
    (await call(server, 'POST /plugins', { as: admin, body: { plugin: 'trouble', instance: 'uhd', config: {} } }))
      .status,
  ).toBe(409);
  expect((await call(server, 'GET /trouble/uhd/not-ready')).status).toBe(503);
  expect((await call(server, 'DELETE /plugins/trouble:uhd', { as: admin })).status).toBe(204);
  expect((await call(server, 'GET /trouble/uhd/not-ready')).status).toBe(404);
});

test('an instance that waits for credentials starts when they are edited', async () => {
  const made = await call(server, 'POST /plugins', {
    as: admin,
    body: { plugin: 'trouble', instance: 'key', config: { at: 'needs-auth' } },
  });
  expect(made.body).toMatchObject({ state: 'needs-auth', reason: expect.stringContaining('the key was refused') });
  const edited = await call(server, 'PUT /plugins/trouble:key/config', {
    as: admin,
    body: { at: 'never' },
  });
  expect(edited.body).toMatchObject({ state: 'ready' });
});
