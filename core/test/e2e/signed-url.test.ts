import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { until } from '../../src/testing/poll.ts';
import { createTestDatabase, type TestDatabase } from '../../src/testing/postgres.ts';
import { startTestServer, type TestServer } from '../../src/testing/server.ts';
import { call } from '../kernel/api.ts';

let database: TestDatabase;
let first: TestServer;
let second: TestServer;
beforeAll(async () => {
  database = await createTestDatabase();
  const env = { DATABASE_URL: database.url, REVENGE__SECRET_KEY: 'one secret for both of these nodes' };
  first = await startTestServer({ args: ['--sample'], env });
  second = await startTestServer({ env });
}, 60_000);
afterAll(async () => {
  await Promise.all([first?.stop(), second?.stop()]);
  await database?.drop();
});

test('a link to a file plays on every node without a token, and ends within a second of the logout', async () => {
  const account = { username: 'admin', password: 'a good password' };
  await call(first, 'POST /auth/register', { body: { ...account, email: 'admin@example.org' } });
  const { body: login } = await call(first, 'POST /auth/login', { body: account });
  const as = login.access_token as string;
  const movie = await until('a film is listed', async () => {
    const { items } = (await call(first, 'GET /movies', { as })).body as { items: { id: string }[] };
    return items[0];
  });
  const files = (await call(first, `GET /movies/${movie.id}/files`, { as })).body as unknown as { id: string }[];
  const { body: link } = await call(first, `POST /files/${files[0]!.id}/url`, { as });
  const path = new URL(link.url as string).pathname;
  const statusOn = async (server: TestServer) => {
    const answer = await fetch(`${server.url}${path}`, { headers: { range: 'bytes=0-9' } });
    await answer.arrayBuffer();
    return answer.status;
  };
  expect([await statusOn(first), await statusOn(second)]).toEqual([206, 206]);
  expect((await fetch(`${first.url}/api/v1/files/${files[0]!.id}/stream`)).status).toBe(401);
  await call(first, 'POST /auth/logout', { as, body: { refresh_token: login.refresh_token } });
  const ended = (server: TestServer) =>
    until('the link is over', async () => ((await statusOn(server)) === 401 ? true : undefined), 1_000);
  expect(await Promise.all([ended(first), ended(second)])).toEqual([true, true]);
});
