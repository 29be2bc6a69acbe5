import { createServer } from 'node:net';
import { request } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import { defineContract, sse } from '@revenge/sdk';
import { z } from 'zod';
import { KernelError } from '../../src/errors.ts';
import { HttpServer } from '../../src/http/server.ts';
import { call, handlers, Instance, raw, type Running, serve, type Setup, until } from './support.ts';

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
    'GET /url': {
      access: 'public',
      responses: { 200: z.object({ url: z.string(), address: z.string(), link: z.string() }) },
    },
    'GET /slow': { access: 'public', responses: { 200: z.object({ ok: z.boolean() }) } },
    'GET /events': { access: 'public', responses: { 200: sse(z.object({ n: z.number() })) } },
    'GET /limited': { access: 'public', limit: '2/m', responses: { 200: z.object({ ok: z.boolean() }) } },
    'POST /hook': {
      access: 'webhook',
      body: z.object({ event: z.string() }),
      responses: { 200: z.object({ instance: z.string(), repeated: z.boolean(), raw: z.string() }) },
    },
  },
});
interface Asked {
  readonly url: URL;
  readonly client: { readonly address: string };
  readonly signal: AbortSignal;
  readonly webhook: { readonly raw: Uint8Array; readonly repeated: boolean };
}
const start = async (
  routes: Parameters<typeof handlers>[0],
  setup?: Setup,
): Promise<{ instance: Instance } & Running> => {
  const instance = new Instance(contract, handlers(routes));
  running = await serve([instance], setup);
  return { ...running, instance };
};
const linked =
  (r: () => Running) =>
  ({ url, client }: Asked) => ({
    url: String(url),
    address: client.address,
    link: r().links.url({ plugin: 'demo', instance: 'main' }, contract, 'GET /slow'),
  });
const startUrl = async (server: Setup['server'] = {}): Promise<Running> =>
  start({ 'GET /url': linked(() => running!) }, { server });
const ask = async (r: Running, headers: Record<string, string> = {}, path = '/api/v1/demo/url') =>
  r.call('GET', path, { headers });

test('what proxies say counts only from those we trust', async () => {
  const told = {
    'x-forwarded-for': '203.0.113.9, 10.1.1.1',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'media.example',
    host: 'inside:80',
  };
  const open = await startUrl();
  expect((await ask(open, told)).json).toEqual({
    url: 'http://inside/api/v1/demo/url',
    address: '127.0.0.1',
    link: 'http://inside:80/api/v1/demo/slow',
  });
  await open.stop();
  const behind = await startUrl({ trustedProxies: ['127.0.0.1', '10.0.0.0/8'] });
  expect((await ask(behind, told)).json).toEqual({
    url: 'https://media.example/api/v1/demo/url',
    address: '203.0.113.9',
    link: 'https://media.example/api/v1/demo/slow',
  });
  expect((await ask(behind, { forwarded: 'for="[2001:db8::1]:99";proto=https;host=m.example' })).json).toMatchObject({
    url: 'https://m.example/api/v1/demo/url',
    address: '2001:db8::1',
  });
});

test('a trusted proxy that is none is refused at the start', async () => {
  await expect(startUrl({ trustedProxies: ['10.0.0.0/33'] })).rejects.toThrow(/trustedProxies: '10.0.0.0\/33'/);
});

test('below a path of the public URL both spellings arrive, and links have it', async () => {
  const r = await startUrl({ publicUrl: 'https://media.example/revenge' });
  for (const path of ['/api/v1/demo/url', '/revenge/api/v1/demo/url'])
    expect((await ask(r, {}, path)).json).toMatchObject({
      url: 'https://media.example/revenge/api/v1/demo/url',
      link: 'https://media.example/revenge/api/v1/demo/slow',
    });
  expect((await ask(r)).headers['strict-transport-security']).toBe('max-age=31536000');
});

test.each(['evil host', 'a/b', 'x@y', '../..'])(
  'the Host %s is 400 where somebody asks for the address',
  async (host) => {
    const r = await startUrl();
    expect((await ask(r, { host })).status).toBe(400);
  },
);

test('CORS answers configured origins alone, and preflights are kept', async () => {
  const r = await startUrl({ corsOrigins: ['https://app.example'] });
  const good = await ask(r, { origin: 'https://app.example' });
  expect({ origin: good.headers['access-control-allow-origin'], vary: good.headers.vary }).toEqual({
    origin: 'https://app.example',
    vary: 'accept-encoding, origin',
  });
  expect((await ask(r, { origin: 'https://evil.example' })).headers['access-control-allow-origin']).toBeUndefined();
  const preflight = await r.call('OPTIONS', '/api/v1/demo/url', {
    headers: {
      origin: 'https://app.example',
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'authorization',
    },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers).toMatchObject({
    'access-control-allow-methods': 'GET, HEAD, OPTIONS',
    'access-control-allow-headers': 'authorization',
    'access-control-max-age': '7200',
  });
});

test('every request is counted and logged once, by its pattern', async () => {
  const r = await start({ 'GET /slow': () => ({ ok: true }) });
  await r.call('GET', '/api/v1/demo/slow', { headers: { 'x-request-id': 'one' } });
  await r.call('GET', '/api/v1/nobody/42?token=secret');
  await until(() => r.log.lines.length === 2, 'both were logged');
  expect(r.log.lines.map(({ fields: { ms, ...fields } }) => ({ ...fields, timed: typeof ms }))).toEqual([
    {
      method: 'GET',
      route: '/api/v1/demo/slow',
      status: 200,
      bytes: 11,
      plugin: 'demo',
      request_id: 'one',
      timed: 'number',
    },
    expect.objectContaining({ route: 'unmatched', status: 404, plugin: 'core' }),
  ]);
  const { text } = await r.metrics.exposition();
  expect(text).toContain(
    'revenge_http_requests_total{plugin="demo",method="GET",path="/api/v1/demo/slow",status="200"} 1',
  );
  expect(text).toContain('revenge_http_response_bytes_total{plugin="demo",path="/api/v1/demo/slow"} 11');
  expect(text).toMatch(
    /revenge_http_request_duration_seconds_count\{plugin="demo",method="GET",path="\/api\/v1\/demo\/slow"\} 1/,
  );
  expect(text).toMatch(/revenge_http_requests_in_flight 0/);
});

test('a route with a limit is 429 beyond it, for each user and address apart', async () => {
  const r = await start({ 'GET /limited': () => ({ ok: true }) });
  const statuses = async (as?: string) => {
    const got = [];
    for (let i = 0; i < 3; i++) got.push((await r.call('GET', '/api/v1/demo/limited', as ? { as } : {})).status);
    return got;
  };
  expect(await statuses()).toEqual([200, 200, 429]);
  expect(await statuses('ada')).toEqual([200, 200, 429]);
  const refused = await r.call('GET', '/api/v1/demo/limited');
  expect({ after: refused.headers['retry-after'], code: refused.json.code }).toEqual({ after: '7', code: 429 });
  expect((await r.metrics.exposition()).text).toContain(
    'revenge_ratelimit_hits_total{limiter="demo GET /limited",action="blocked"} 3',
  );
});

const shared = { ...contract, instances: 'many', base: '/demo' } as const;
const hooks = () =>
  ['a', 'b'].map(
    (name) =>
      new Instance(
        shared,
        handlers({
          'POST /hook': ({ webhook }: Asked) => ({
            instance: name,
            repeated: webhook.repeated,
            raw: Buffer.from(webhook.raw).toString(),
          }),
        }),
        name,
        `secret-${name}`,
      ),
  );
const HOOK = { json: { event: 'test' } };

test.each([
  ['?secret=secret-b', {}],
  ['', { 'x-webhook-secret': 'secret-b' }],
  ['', { authorization: `Basic ${Buffer.from('any:secret-b').toString('base64')}` }],
])('the secret of a webhook says which instance is meant: %s %j', async (search, headers) => {
  const r = (running = await serve(hooks()));
  const { status, json } = await r.call('POST', `/api/v1/demo/hook${search}`, { ...HOOK, headers });
  expect({ status, json }).toEqual({ status: 200, json: { instance: 'b', repeated: false, raw: '{"event":"test"}' } });
  expect((await r.call('POST', `/api/v1/demo/hook${search}`, { ...HOOK, headers })).json.repeated).toBe(true);
});

test('a webhook without its secret is 401 and stores nothing', async () => {
  const r = (running = await serve(hooks()));
  for (const search of ['', '?secret=', '?secret=wrong', '?secret=secret-a&secret=secret-b'])
    expect((await r.call('POST', `/api/v1/demo/hook${search}`, HOOK)).status).toBe(401);
  expect(r.webhooks.stored).toEqual([]);
});

test('a webhook body that the schema refuses is stored and answered 202', async () => {
  const r = (running = await serve(hooks()));
  for (const body of ['{"x":1}', '{broken'])
    expect(
      await r.call('POST', '/api/v1/demo/hook?secret=secret-a', {
        body,
        headers: { 'content-type': 'application/json' },
      }),
    ).toMatchObject({ status: 202, json: { state: 'refused' } });
  expect(r.webhooks.stored.map((s) => s.state)).toEqual(['refused', 'refused']);
});

/** An endless source that remembers how it ended. */
function source() {
  const seen = { sent: 0, ended: false };
  const handler = async function* ({ signal }: Asked) {
    try {
      for (let n = 0; !signal.aborted; n++) {
        yield { data: { n, secret: 1 }, id: `id${n}`, event: 'tick' };
        seen.sent++;
        if (n === 1) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      }
    } finally {
      seen.ended = true;
    }
  };
  return { seen, handler };
}
/** Opens a stream; `got` grows as it comes. */
function listen(port: number) {
  const state = { got: '', ended: false };
  const req = request({ port, path: '/api/v1/demo/events', agent: false }, (res) => {
    res.on('data', (chunk) => (state.got += String(chunk)));
    res.on('end', () => (state.ended = true));
    res.on('error', () => (state.ended = true));
  });
  req.on('error', () => (state.ended = true));
  req.end();
  return { state, leave: () => req.destroy() };
}

test('events are sent as they come, checked by their schema, with comments between', async () => {
  const { handler, seen } = source();
  const r = await start({ 'GET /events': handler }, { deps: { heartbeatMs: 20 } });
  const { state, leave } = listen(r.port);
  await until(() => state.got.split(': \n\n').length > 3, 'heartbeats came');
  expect(state.got.replaceAll(': \n\n', '')).toBe(
    'id: id0\nevent: tick\ndata: {"n":0}\n\nid: id1\nevent: tick\ndata: {"n":1}\n\n',
  );
  leave();
  await until(() => seen.ended && r.instance.open === 0, 'the source ended with its client');
});

test('a generation that has to go ends its streams', async () => {
  const { handler, seen } = source();
  const r = await start({ 'GET /events': handler });
  const { state } = listen(r.port);
  await until(() => state.got.includes('id1'), 'it streams');
  r.instance.abort.abort();
  await until(() => state.ended && seen.ended && r.instance.open === 0, 'the stream ended');
});

test('a drain ends streams at once, lets a request finish and takes no other', async () => {
  const { handler } = source();
  let release = (): void => undefined;
  const waits = new Promise<void>((resolve) => (release = resolve));
  const r = await start(
    { 'GET /events': handler, 'GET /slow': () => waits.then(() => ({ ok: true })) },
    { server: { drainSeconds: 20 } },
  );
  const { state } = listen(r.port);
  await until(() => state.got.includes('id1'), 'it streams');
  const slow = r.call('GET', '/api/v1/demo/slow');
  await until(() => r.instance.open === 2, 'the request was dispatched');
  const drained = r.server.drain();
  await until(() => state.ended, 'the stream ended');
  await expect(r.call('GET', '/api/v1/demo/slow')).rejects.toThrow(/ECONNREFUSED|ECONNRESET/);
  release();
  expect(await slow).toMatchObject({ status: 200, headers: { connection: 'close' } });
  await drained;
});

test('what does not finish within the drain is cut', async () => {
  const r = await start({ 'GET /slow': () => new Promise(() => undefined) }, { server: { drainSeconds: 0 } });
  const slow = r.call('GET', '/api/v1/demo/slow').catch((error: unknown) => String(error));
  await until(() => r.instance.open === 1, 'the request was dispatched');
  await r.server.drain();
  expect(await slow).toMatch(/hang up|ECONNRESET/);
  await until(() => r.instance.open === 0, 'the generation was left');
});

test('a port in use is refused in words', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };
  const r = await start({});
  const second = new HttpServer({ ...r.deps, config: { ...r.deps.config, server: { ...r.deps.config.server, port } } });
  const error = await second.listen().catch((e: unknown) => e);
  other.close();
  expect(error).toBeInstanceOf(KernelError);
  expect(error).toMatchObject({
    code: 'RV_PORT',
    message: `Port ${port} is in use by another program.`,
    cure: expect.stringContaining('--port'),
  });
});

test.each([
  ['a flood of headers', `GET / HTTP/1.1\r\nhost: x\r\n${'name: value\r\n'.repeat(5_000)}\r\n`, /^HTTP\/1.1 431/],
  ['an endless address', `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`, /^HTTP\/1.1 431/],
  ['no HTTP at all', 'hello\r\n\r\n', /^HTTP\/1.1 400/],
  ['no Host', 'GET / HTTP/1.1\r\n\r\n', /^HTTP\/1.1 400/],
  [
    'two lengths',
    'POST /api/v1/demo/hook HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
    /^HTTP\/1.1 400/,
  ],
  [
    'a length and chunks',
    'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    /^HTTP\/1.1 400/,
  ],
  [
    'a path upwards',
    'GET /api/v1/demo/../../../etc/passwd HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
    /^HTTP\/1.1 404/,
  ],
  [
    'an absolute address',
    'GET http://x/api/v1/demo/slow HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
    /^HTTP\/1.1 200/,
  ],
  [
    'an unknown method',
    'PROPFIND /api/v1/demo/slow HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
    /^HTTP\/1.1 405/,
  ],
])('%s gets an answer and the server goes on', async (_, bytes, answer) => {
  const r = await start({ 'GET /slow': () => ({ ok: true }) });
  expect(await raw(r.port, bytes)).toMatch(answer);
  expect((await call(r.port, 'GET', '/api/v1/demo/slow')).status).toBe(200);
});
