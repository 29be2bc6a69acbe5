import { afterEach, expect, test } from '@jest/globals';
import { defineContract, nothing } from '@revenge/sdk';
import { z } from 'zod';
import { handlers, Instance, type Running, serve, until } from './support.ts';

let running: Running | undefined;
afterEach(async () => {
  await running?.stop();
  running = undefined;
});

const contract = defineContract({
  id: 'demo',
  title: 'Demo',
  sdk: '^1.0',
  routes: {
    'GET /hello/:name': { access: 'public', responses: { 200: z.object({ text: z.string() }) } },
    'GET /hello/world': { access: 'public', responses: { 200: z.object({ text: z.string() }) } },
    'GET /files/*path': { access: 'public', responses: { 200: z.object({ text: z.string() }) } },
    'DELETE /hello/:name': { access: 'public', responses: { 204: nothing } },
  },
});
const routes = handlers({
  'GET /hello/:name': ({ params }: { params: { name: string } }) => ({ text: params.name, secret: 'x' }),
  'GET /hello/world': () => ({ text: 'fixed' }),
  'GET /files/*path': ({ params }: { params: { path: string } }) => ({ text: params.path }),
  'DELETE /hello/:name': () => undefined,
});
const start = async (): Promise<Running> => (running = await serve([new Instance(contract, routes)]));

test('a mounted route answers JSON with a request id and only declared fields', async () => {
  const { call } = await start();
  const { status, json, headers } = await call('GET', '/api/v1/demo/hello/ada', {
    headers: { 'x-request-id': 'abc-1' },
  });
  expect({ status, json }).toEqual({ status: 200, json: { text: 'ada' } });
  expect(headers).toMatchObject({
    'x-request-id': 'abc-1',
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, no-cache',
  });
});

test.each([
  ['/api/v1/demo/hello/world', 'fixed'],
  ['/api/v1/demo/hello/world/', 'fixed'],
  ['/api/v1/demo/hello/a%2Fb', 'a/b'],
  [`/api/v1/demo/hello/${'x'.repeat(300)}`, 'x'.repeat(300)],
  ['/api/v1/demo/files/a/b/c.txt', 'a/b/c.txt'],
  ['/api/v1/demo/hello/%E2%82%AC', '€'],
])('the path %s finds its route', async (path, text) => {
  const { call } = await start();
  expect((await call('GET', path)).json).toEqual({ text });
});

test.each(['/api/v1/demo/hello/%ff', '/api/v1/demo/hello/%', '/api/v1/demo/hello/a%00b', '/api/v1/%zz'])(
  'the badly encoded path %s is 400',
  async (path) => {
    const { call } = await start();
    const { status, json } = await call('GET', path);
    expect({ status, code: json.code }).toEqual({ status: 400, code: 400 });
  },
);

test('an unknown path is a 404 problem that names its request', async () => {
  const { call } = await start();
  const { status, json, headers } = await call('GET', '/api/v1/nobody');
  expect(status).toBe(404);
  expect(headers['content-type']).toBe('application/problem+json');
  expect(json).toEqual({
    type: '/problems/not-found',
    title: 'Not found',
    status: 404,
    detail: 'No such path.',
    code: 404,
    message: 'No such path.',
    request_id: headers['x-request-id'],
  });
});

test('another method is 405 with what the path takes', async () => {
  const { call } = await start();
  const { status, headers } = await call('PUT', '/api/v1/demo/hello/ada');
  expect({ status, allow: headers.allow }).toEqual({ status: 405, allow: 'GET, HEAD, DELETE, OPTIONS' });
});

test('HEAD answers the headers of GET and no body', async () => {
  const { call } = await start();
  const get = await call('GET', '/api/v1/demo/hello/ada');
  const head = await call('HEAD', '/api/v1/demo/hello/ada');
  expect({
    status: head.status,
    bytes: head.bytes.length,
    length: head.headers['content-length'],
    etag: head.headers.etag,
  }).toEqual({
    status: 200,
    bytes: 0,
    length: get.headers['content-length'],
    etag: get.headers.etag,
  });
});

test('an instance that is not ready answers 503 with its state and when to ask again', async () => {
  const instance = new Instance(contract, undefined);
  instance.down = { state: 'retrying', reason: 'no database', retryAfter: 12 };
  running = await serve([instance]);
  const { status, json, headers } = await running.call('GET', '/api/v1/demo/hello/ada');
  expect({
    status,
    plugin: json.plugin,
    state: json.state,
    detail: json.detail,
    after: headers['retry-after'],
  }).toEqual({
    status: 503,
    plugin: 'demo',
    state: 'retrying',
    detail: 'demo is retrying: no database',
    after: '12',
  });
});

test('a request keeps the generation it was dispatched to while a new table is mounted', async () => {
  let release = (): void => undefined;
  const waits = new Promise<void>((resolve) => (release = resolve));
  const old = new Instance(contract, {
    ...routes,
    ...handlers({ 'GET /hello/world': () => waits.then(() => ({ text: 'old' })) }),
  });
  running = await serve([old]);
  const first = running.call('GET', '/api/v1/demo/hello/world');
  await until(() => old.open === 1, 'the request was dispatched');
  running.server.mount({
    instances: [new Instance(contract, { ...routes, ...handlers({ 'GET /hello/world': () => ({ text: 'new' }) }) })],
  });
  expect((await running.call('GET', '/api/v1/demo/hello/world')).json).toEqual({ text: 'new' });
  release();
  expect((await first).json).toEqual({ text: 'old' });
  await until(() => old.open === 0, 'the old generation was left');
});

test('a route on a path of the kernel is not mounted and costs its neighbours nothing', async () => {
  const greedy = defineContract({
    id: 'greedy',
    title: 'Greedy',
    sdk: '^1.0',
    base: '',
    routes: {
      'GET /plugins': { access: 'public', responses: { 200: z.object({ text: z.string() }) } },
      'GET /:anything': { access: 'public', responses: { 200: z.object({ text: z.string() }) } },
    },
  });
  running = await serve([
    new Instance(
      greedy,
      handlers({ 'GET /plugins': () => ({ text: 'mine' }), 'GET /:anything': () => ({ text: 'any' }) }),
    ),
  ]);
  expect((await running.call('GET', '/api/v1/plugins')).status).toBe(401);
  expect((await running.call('GET', '/api/v1/other')).json).toEqual({ text: 'any' });
  expect(running.log.lines.some((l) => l.level === 'error' && l.message.includes('greedy'))).toBe(true);
});

test('a host that fails while it is asked costs that request alone', async () => {
  class Broken extends Instance {
    override enter(): boolean {
      throw new Error('broken');
    }
  }
  running = await serve([new Broken(contract, routes)]);
  expect((await running.call('GET', '/api/v1/demo/hello/ada')).status).toBe(500);
  expect((await running.call('GET', '/healthz')).status).toBe(200);
});
