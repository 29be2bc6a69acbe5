import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterEach, expect, test } from '@jest/globals';
import { defineContract, NeedsAuth, NotReady, nothing, problem, redirect, text, UpstreamError } from '@revenge/sdk';
import { z } from 'zod';
import { markDatabaseError } from '../../src/database/database-error.ts';
import { handlers, Instance, type Running, serve } from './support.ts';

let running: Running | undefined;
afterEach(async () => {
  await running?.stop();
  running = undefined;
});

const Film = z.object({
  id: z.string(),
  cast: z.array(z.object({ name: z.string() })).optional(),
  meta: z.object({ year: z.number() }).optional(),
});
/** A library that checks and keeps what it does not know, as some do. */
const keeps = {
  '~standard': {
    version: 1,
    vendor: 'keeps-all',
    validate: (value: unknown) => ({ value }),
    jsonSchema: {
      output: () => ({
        type: 'object',
        properties: {
          id: { type: 'string' },
          cast: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } } } },
        },
      }),
      input: () => ({}),
    },
  },
} as never;
const contract = defineContract({
  id: 'demo',
  title: 'Demo',
  sdk: '^1.0',
  routes: {
    'GET /film': { access: 'public', responses: { 200: Film, 404: z.object({ why: z.string() }) } },
    'GET /kept': { access: 'public', responses: { 200: keeps } },
    'GET /big': { access: 'public', responses: { 200: z.object({ text: z.string() }) } },
    'GET /cached': {
      access: 'public',
      cache: { for: '1h', shared: true, immutable: true },
      responses: { 200: z.object({ n: z.number() }) },
    },
    'POST /made': { access: 'public', responses: { 201: z.object({ id: z.string() }) } },
    'GET /away': { access: 'public', responses: { 302: redirect } },
    'GET /list.m3u8': { access: 'public', responses: { 200: text('application/vnd.apple.mpegurl') } },
    'DELETE /film': { access: 'public', responses: { 204: nothing } },
    'GET /asked': { access: 'public', responses: { 200: z.record(z.string(), z.unknown()) } },
  },
});
type Reply = (status: number, body?: unknown, init?: object) => unknown;
type Handlers = Parameters<typeof handlers>[0];
const start = async (routes: Handlers): Promise<{ instance: Instance } & Running> => {
  const instance = new Instance(contract, handlers(routes));
  running = await serve([instance]);
  return { ...running, instance };
};
const get = async (path: string, handler: Handlers[string], headers: Record<string, string> = {}) => {
  const r = await start({ [`GET ${path}`]: handler });
  return { ...(await r.call('GET', `/api/v1/demo${path}`, { headers })), r };
};

test('undeclared fields never leave, at any depth', async () => {
  const { json } = await get('/film', () => ({
    id: '1',
    password: 'x',
    cast: [{ name: 'a', ssn: 1 }],
    meta: { year: 1955, path: '/srv' },
  }));
  expect(json).toEqual({ id: '1', cast: [{ name: 'a' }], meta: { year: 1955 } });
});

test('undeclared fields are dropped where the schema library keeps them, too', async () => {
  expect((await get('/kept', () => ({ id: '1', password: 'x', cast: [{ name: 'a', ssn: 1 }] }))).json).toEqual({
    id: '1',
    cast: [{ name: 'a' }],
  });
});

test.each([
  ['a body its schema refuses', () => ({ id: 7 })],
  ['nothing', () => undefined],
  ['a status it does not declare', ({ reply }: { reply: Reply }) => reply(201, { id: '1' })],
])('an answer of %s is a 500 that tells the client nothing and the plugin which route', async (_, handler) => {
  const { status, json, r } = await get('/film', handler as never);
  expect({ status, title: json.title, plugin: json.plugin }).toEqual({
    status: 500,
    title: 'Internal error',
    plugin: 'demo',
  });
  expect(r.instance.failures.map((f) => [f.route, String(f.error)])).toEqual([
    ['GET /film', expect.stringContaining('demo: GET /film answered')],
  ]);
});

test('reply gives a declared status with headers and cookies', async () => {
  const { status, json, headers } = await get('/film', ({ reply }: { reply: Reply }) =>
    reply(
      404,
      { why: 'gone' },
      {
        headers: { 'X-Why': 'test', 'Content-Length': '1' },
        cookies: { a: { value: 'x y', maxAge: '1h' }, b: 'delete' },
      },
    ),
  );
  expect({
    status,
    json,
    why: headers['x-why'],
    cookies: headers['set-cookie'],
    cache: headers['cache-control'],
  }).toEqual({
    status: 404,
    json: { why: 'gone' },
    why: 'test',
    cookies: ['a=x%20y; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax', 'b=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax'],
    cache: 'no-store',
  });
});

test('a plain value is the first declared of 200, 201, 202 and 204', async () => {
  const r = await start({ 'POST /made': () => ({ id: '1' }), 'DELETE /film': () => undefined });
  expect((await r.call('POST', '/api/v1/demo/made')).status).toBe(201);
  const gone = await r.call('DELETE', '/api/v1/demo/film');
  expect({ status: gone.status, length: gone.headers['content-length'] }).toEqual({ status: 204, length: undefined });
});

test('a redirect says where, encoded, and takes no line break', async () => {
  const { status, headers } = await get('/away', ({ reply }: { reply: Reply }) =>
    reply(302, 'https://a.test/ä%2Fb?x=1 2'),
  );
  expect({ status, to: headers.location }).toEqual({ status: 302, to: 'https://a.test/%C3%A4%2Fb?x=1%202' });
  await running?.stop();
  expect(
    (await get('/away', ({ reply }: { reply: Reply }) => reply(302, 'https://a.test/\r\nset-cookie: x=1'))).status,
  ).toBe(500);
});

test('a text keeps its type', async () => {
  const { headers, text } = await get('/list.m3u8', () => '#EXTM3U');
  expect({ type: headers['content-type'], text }).toEqual({ type: 'application/vnd.apple.mpegurl', text: '#EXTM3U' });
});

test('a GET has an ETag, and one who knows it gets 304 without a body', async () => {
  const { headers, r } = await get('/film', () => ({ id: '1' }));
  const again = await r.call('GET', '/api/v1/demo/film', {
    headers: { 'if-none-match': `"x", ${headers.etag ?? ''}` },
  });
  expect({ status: again.status, bytes: again.bytes.length, etag: again.headers.etag }).toEqual({
    status: 304,
    bytes: 0,
    etag: headers.etag,
  });
});

test('caching follows the contract', async () => {
  expect((await get('/cached', () => ({ n: 1 }))).headers['cache-control']).toBe('public, max-age=3600, immutable');
});

test.each([
  ['gzip', 'gzip', gunzipSync],
  ['gzip, br;q=0.9', 'gzip', gunzipSync],
  ['br, gzip', 'br', brotliDecompressSync],
] as const)('JSON above 1 KB is compressed for a client that accepts %s', async (accept, coding, open) => {
  const { headers, bytes } = await get('/big', () => ({ text: 'x'.repeat(5_000) }), { 'accept-encoding': accept });
  expect({ coding: headers['content-encoding'], vary: headers.vary }).toEqual({ coding, vary: 'accept-encoding' });
  expect(JSON.parse(open(bytes).toString())).toEqual({ text: 'x'.repeat(5_000) });
});

test.each([['identity'], ['gzip;q=0, br;q=0']])(
  'nothing is compressed for a client that accepts %s',
  async (accept) => {
    expect(
      (await get('/big', () => ({ text: 'x'.repeat(5_000) }), { 'accept-encoding': accept })).headers[
        'content-encoding'
      ],
    ).toBeUndefined();
  },
);

test('small JSON is not compressed', async () => {
  expect(
    (await get('/big', () => ({ text: 'x' }), { 'accept-encoding': 'gzip' })).headers['content-encoding'],
  ).toBeUndefined();
});

test.each([
  ['a Problem', () => problem.conflict('twice'), 409, 0],
  ['NotReady', () => new NotReady('warming up', '7s'), 503, 1],
  ['NeedsAuth', () => new NeedsAuth('the key is wrong', 'apiKey'), 503, 1],
  ['an upstream that failed', () => new UpstreamError('tmdb.test', 500, 'secret body', undefined), 502, 1],
  ['anything else', () => new TypeError('secret detail'), 500, 1],
  [
    'a lost database',
    () => markDatabaseError(Object.assign(new Error('terminating connection'), { code: '57P01' })),
    503,
    undefined,
  ],
])('%s thrown by a handler becomes a problem without internals', async (_, make, status, failures) => {
  const { json, text, r, ...got } = await get('/film', () => {
    throw make();
  });
  expect({ status: got.status, code: json.code, id: json.request_id }).toEqual({
    status,
    code: status,
    id: got.headers['x-request-id'],
  });
  expect(text).not.toMatch(/secret|stack/);
  if (failures !== undefined) expect(r.instance.failures.length).toBe(failures);
});

test('NotReady says when to ask again, an upstream is named', async () => {
  expect((await get('/film', () => Promise.reject(new NotReady('warming up', '7s')))).headers['retry-after']).toBe('7');
  await running?.stop();
  expect(
    (await get('/film', () => Promise.reject(new UpstreamError('tmdb.test', undefined, '', undefined)))).json.detail,
  ).toContain('tmdb.test');
});

test('a handler can ask for everything about its request, taken apart', async () => {
  const { json } = await get(
    '/asked',
    ({ url, headers, cookies, client, languages, id, lastEventId }: never) => ({
      url: String(url),
      custom: (headers as Headers).get('x-custom'),
      cookies,
      client,
      languages,
      id,
      lastEventId: lastEventId ?? null,
    }),
    {
      cookie: 'a=1; b="x%20y"; a=2',
      'accept-language': 'de;q=0.8, fr-CH, *;q=0.1',
      'user-agent': 'tv',
      host: 'media.test:99',
      'x-custom': 'yes',
      'x-request-id': 'bad id\twith spaces',
    },
  );
  expect(json).toEqual({
    url: 'http://media.test:99/api/v1/demo/asked',
    custom: 'yes',
    cookies: { a: '1', b: 'x y' },
    client: { address: '127.0.0.1', agent: 'tv' },
    languages: ['fr-CH', 'de', 'en'],
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    lastEventId: null,
  });
});
