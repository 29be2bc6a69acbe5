import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { demo } from '../../test/fixtures/demo.ts';
import { Problem } from '../errors.ts';
import { client } from './client.ts';

type Answering = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;
const routes: Record<string, Answering> = {};
const server = createServer(async (request, response) => {
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  const answer = routes[`${request.method} ${request.url}`] ?? (() => response.writeHead(404).end());
  answer(request, response, Buffer.concat(parts));
});
let base = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/demo-plugin/uhd`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
const on = (key: string, answer: Answering) => {
  const [method, path] = key.split(' ');
  routes[`${method} /api/v1/demo-plugin/uhd${path}`] = answer;
};
const json = (response: ServerResponse, body: unknown, status = 200, type = 'application/json') =>
  response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body));
/** Answers with what arrived. */
const echo: Answering = (request, response, body) =>
  json(response, { type: request.headers['content-type'], auth: request.headers.authorization, text: body.toString() });
const ID = '0190b2b2-0000-7000-8000-000000000000';

test('params are escaped, a rest keeps its slashes, lists repeat and undefined is left out', async () => {
  on('GET /movies?limit=5&genre=a&genre=b%26c', echo);
  on('GET /files/a%20b/c%3F.mkv', (_, response) => response.writeHead(200, { 'content-type': 'video/mp4' }).end('x'));
  const api = client<typeof demo>({ base });
  expect((await api('GET /movies', { query: { limit: 5, genre: ['a', 'b&c'] } })).status).toBe(200);
  const { body } = await api('GET /files/*path', { params: { path: 'a b/c?.mkv' } });
  expect(await new Response(body).text()).toBe('x');
});

test('a missing parameter is an error that names it, before anything is sent', async () => {
  const api = client<typeof demo>({ base });
  await expect(api('GET /movies/:id', { params: { id: '' } })).rejects.toThrow('GET /movies/:id: give params.id');
});

test('the token is asked for before every call', async () => {
  on(`GET /movies/${ID}`, echo);
  let calls = 0;
  const api = client<typeof demo>({ base, token: () => `t${(calls += 1)}` });
  await api('GET /movies/:id', { params: { id: ID } });
  expect((await api('GET /movies/:id', { params: { id: ID } })).body).toMatchObject({ auth: 'Bearer t2' });
});

test('forms, multipart, bytes and JSON are sent as what they are', async () => {
  for (const key of ['POST /token', 'POST /avatar', 'PUT /raw', 'POST /hook']) on(key, echo);
  const api = client({ base, contract: demo });
  const typeOnly = client<typeof demo>({ base });
  const sent = async (answer: Promise<{ body: unknown }>) => (await answer).body as { type: string; text: string };
  on('POST /avatar', (request, response, body) =>
    json(response, { type: request.headers['content-type'], text: body.toString() }, 201),
  );
  const file = new File(['PNG'], 'me.png', { type: 'image/png' });

  expect(await sent(api('POST /token', { body: { grant_type: 'a b' } }))).toMatchObject({
    type: 'application/x-www-form-urlencoded;charset=UTF-8',
    text: 'grant_type=a+b',
  });
  for (const each of [api, typeOnly]) {
    const { type, text } = await sent(each('POST /avatar', { body: { file, title: 'T' } }));
    expect(type).toMatch(/^multipart\/form-data; boundary=/);
    expect(text).toMatch(/name="file"; filename="me.png"\r\nContent-Type: image\/png\r\n\r\nPNG/);
  }
  expect(await sent(api('PUT /raw', { body: new TextEncoder().encode('raw') }))).toMatchObject({
    type: 'application/octet-stream',
    text: 'raw',
  });
  expect(await sent(api('PUT /raw', { body: { data: new Blob(['s']).stream(), type: 'image/png' } }))).toMatchObject({
    type: 'image/png',
    text: 's',
  });
});

test('text is read as text and an empty answer as nothing', async () => {
  on('GET /list.m3u8', (_, response) =>
    response.writeHead(200, { 'content-type': 'application/vnd.apple.mpegurl' }).end('#EXTM3U'),
  );
  on(`PUT /movies/${ID}`, (_, response) => response.writeHead(204).end());
  const api = client<typeof demo>({ base });
  expect((await api('GET /list.m3u8')).body).toBe('#EXTM3U');
  const body = { id: ID, title: 'T' };
  expect((await api('PUT /movies/:movie', { params: { movie: ID }, body })).body).toBeUndefined();
});

test('a problem is thrown with its errors, request id and Retry-After', async () => {
  on('PUT /raw', (_, response) => {
    response.setHeader('retry-after', '7');
    const errors = [{ path: 'body', message: 'too odd' }];
    const problem = {
      type: '/problems/invalid',
      title: 'Invalid',
      status: 422,
      detail: 'Odd.',
      code: 422,
      message: 'Odd.',
    };
    json(response, { ...problem, errors, request_id: 'r1' }, 422, 'application/problem+json');
  });
  const error = await client<typeof demo>({ base })('PUT /raw', { body: new Uint8Array(1) }).catch((e: unknown) => e);
  expect(Problem.is(error) && { ...error }).toMatchObject({
    status: 422,
    slug: 'invalid',
    title: 'Invalid',
    detail: 'Odd.',
    extra: { errors: [{ path: 'body', message: 'too odd' }], request_id: 'r1' },
    headers: { 'retry-after': '7' },
  });
});

test('an error that is no problem, as a proxy makes, and a status that is not declared are thrown too', async () => {
  on('GET /tree', (_, response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>'));
  await expect(client<typeof demo>({ base })('GET /tree')).rejects.toMatchObject({ status: 502, slug: 'remote' });
  on('GET /tree', (_, response) => json(response, {}, 201));
  await expect(client({ base, contract: demo })('GET /tree')).rejects.toMatchObject({ status: 201 });
});

test('events arrive as they come, over any split of the bytes, with ids and without heartbeats', async () => {
  on('GET /events', (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const text = ': hi\n\nid: 1\ndata: {"n":1}\n\nevent: x\r\ndata: {"n":\r\ndata: 2}\r\n\r\nretry: 5\n\n';
    for (const byte of Buffer.from(text)) response.write(Buffer.of(byte));
    response.end('data: {"n":9}'); // cut off before its end: never delivered
  });
  const { body } = await client<typeof demo>({ base })('GET /events');
  const seen: unknown[] = [];
  for await (const message of body) seen.push(message);
  expect(seen).toEqual([
    { id: '1', data: { n: 1 } },
    { id: '1', event: 'x', data: { n: 2 } },
  ]);
});

test('leaving the loop over events closes the request', async () => {
  const closed = new Promise<void>((resolve) => {
    on('GET /events', (request, response) => {
      request.once('close', resolve);
      response.once('close', resolve);
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: {"n":1}\n\n');
    });
  });
  const { body } = await client<typeof demo>({ base })('GET /events');
  for await (const message of body) {
    expect(message.data.n).toBe(1);
    break;
  }
  await closed;
});

test('with reconnect a broken stream goes on after its last id, and a refusal ends it', async () => {
  const asked: (string | undefined)[] = [];
  on('GET /events', (request, response) => {
    asked.push(request.headers['last-event-id']?.toString());
    if (asked.length === 3) return json(response, { title: 'Gone' }, 401, 'application/problem+json');
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`id: ${asked.length}\ndata: {"n":${asked.length}}\n\n`, () => response.destroy());
  });
  const { body } = await client<typeof demo>({ base, reconnect: true })('GET /events');
  const seen: number[] = [];
  const read = async () => {
    for await (const message of body) seen.push(message.data.n);
  };
  await expect(read()).rejects.toMatchObject({ status: 401 });
  expect({ seen, asked }).toEqual({ seen: [1, 2], asked: [undefined, '1', '2'] });
});
