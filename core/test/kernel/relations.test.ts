import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { until } from '../../src/testing/poll.ts';
import { createTestDatabase, type TestDatabase } from '../../src/testing/postgres.ts';
import { startTestServer, type TestServer } from '../../src/testing/server.ts';
import { administrator, call } from './api.ts';

const plugin = (name: string) => fileURLToPath(new URL(`../plugins/${name}`, import.meta.url));

let database: TestDatabase;
let server: TestServer;
let admin = '';
beforeAll(async () => {
  database = await createTestDatabase();
  server = await startTestServer({ packages: ['hear', 'talk'].map(plugin), env: { DATABASE_URL: database.url } });
  admin = await administrator(server);
}, 60_000);
afterAll(async () => {
  await server?.stop();
  await database?.drop();
});

const say = (word: string, fail = false) => call(server, 'POST /talk/say', { body: { word, fail } });
const words = async () => (await call(server, 'GET /talk/words')).body.words as string[];
const heard = async () => (await call(server, 'GET /hear/heard')).body.heard as string[];
const hears = (word: string) =>
  until(`'${word}' is heard`, async () => ((await heard()).includes(word) ? true : undefined));

test('a plugin calls a service of another, and an optional one that nobody provides is undefined', async () => {
  expect((await call(server, 'GET /hear/greet/ada')).body).toEqual({ text: 'hello ada', nobody: false });
});

test('contributors to an extension point are there while they run and gone when they are not', async () => {
  expect((await call(server, 'GET /talk/ears')).body).toEqual({ ears: ['the left one'] });
  await call(server, 'POST /plugins/hear/disable', { as: admin });
  expect((await call(server, 'GET /talk/ears')).body).toEqual({ ears: [] });
  await call(server, 'POST /plugins/hear/enable', { as: admin });
  expect((await call(server, 'GET /talk/ears')).body).toEqual({ ears: ['the left one'] });
});

test('rows, events and jobs of a transaction leave together, or not at all', async () => {
  await say('together');
  expect((await say('never', true)).status).toBe(500);
  await hears('together');
  await until('its job ran', async () => ((await words()).includes('job together') ? true : undefined));
  expect((await words()).filter((word) => word.includes('never'))).toEqual([]);
  expect((await heard()).filter((word) => word === 'never')).toEqual([]);
});

test('a live event reaches who listens now', async () => {
  await call(server, 'POST /talk/whisper', { body: { word: 'psst' } });
  await hears('(psst)');
});

test('a durable event comes when its listener is back, once it was away', async () => {
  await call(server, 'POST /plugins/hear/disable', { as: admin });
  await say('while you were away');
  await call(server, 'POST /plugins/hear/enable', { as: admin });
  await hears('while you were away');
});

/** The stream as text that grows while it is read. */
async function listen(from?: string) {
  const ended = new AbortController();
  const answer = await fetch(`${server.url}/api/v1/events`, {
    headers: { authorization: `Bearer ${admin}`, ...(from && { 'last-event-id': from }) },
    signal: ended.signal,
  });
  const heardText = { text: '' };
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of answer.body!) heardText.text += decoder.decode(chunk as Uint8Array, { stream: true });
  })().catch((error: unknown) => {
    if (!ended.signal.aborted) throw error;
  });
  const shows = (word: string) =>
    until(`'${word}' is in the stream`, () => (heardText.text.includes(word) ? true : undefined));
  const end = async () => {
    ended.abort();
    await reading;
  };
  return { answer, shows, end, lastId: () => [...heardText.text.matchAll(/^id: ?(\S+)/gm)].at(-1)?.[1] };
}

test('the event stream shows a user what its audience allows, from where the client left', async () => {
  const first = await listen();
  expect(first.answer.headers.get('content-type')).toMatch(/^text\/event-stream/);
  await say('on the air');
  await first.shows('on the air');
  await first.end();
  await say('missed');
  const second = await listen(first.lastId());
  await second.shows('missed');
  await second.end();
  expect((await fetch(`${server.url}/api/v1/events`)).status).toBe(401);
});

test('a call to a provider that is down is a 503, and the caller goes on when it is back', async () => {
  await call(server, 'POST /plugins/talk/disable', { as: admin });
  expect((await call(server, 'GET /hear/greet/ada')).status).toBe(503);
  await call(server, 'POST /plugins/talk/enable', { as: admin });
  expect((await call(server, 'GET /hear/greet/ada')).status).toBe(200);
});

test('who needs a service waits for its provider and starts by itself when that is ready', async () => {
  const own = await createTestDatabase();
  const other = await startTestServer({
    packages: ['hear', 'talk'].map(plugin),
    env: { DATABASE_URL: own.url, REVENGE__PLUGINS__HEAR__ENABLED: 'true' },
  });
  const key = await administrator(other);
  await call(other, 'POST /plugins/talk/disable', { as: key });
  await call(other, 'POST /plugins/hear/restart', { as: key });
  const { body } = await call(other, 'GET /hear/heard');
  await call(other, 'POST /plugins/talk/enable', { as: key });
  await until('it serves', async () => ((await call(other, 'GET /hear/greet/x')).status === 200 ? true : undefined));
  expect(body).toBeDefined();
  await other.stop();
  await own.drop();
}, 60_000);
