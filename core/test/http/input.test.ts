import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { bytes, defineContract, form, multipart, upload } from '@revenge/sdk';
import { z } from 'zod';
import { handlers, Instance, raw, type Running, serve, until } from './support.ts';

let running: Running | undefined;
afterEach(async () => {
  await running?.stop();
  running = undefined;
});

interface Tree {
  readonly of?: readonly Tree[] | undefined;
}
const Tree: z.ZodType<Tree> = z.object({
  get of() {
    return z.array(Tree).optional();
  },
});
const any = z.record(z.string(), z.unknown());
const contract = defineContract({
  id: 'demo',
  title: 'Demo',
  sdk: '^1.0',
  routes: {
    'GET /query': {
      access: 'public',
      query: z.strictObject({
        tag: z.array(z.string()).optional(),
        page: z.coerce.number().int().min(1).default(1),
        q: z.string().optional(),
      }),
      responses: { 200: any },
    },
    'GET /things/:id': { access: 'public', params: z.object({ id: z.uuid() }), responses: { 200: any } },
    'POST /json': {
      access: 'public',
      body: z.object({ name: z.string(), paths: z.array(z.string()).default([]) }),
      responses: { 200: any },
    },
    'POST /tree': { access: 'public', body: Tree, responses: { 200: any } },
    'POST /small': { access: 'public', body: z.object({ name: z.string() }), maxBody: '1KB', responses: { 200: any } },
    'POST /form': {
      access: 'public',
      body: form(z.object({ grant_type: z.string(), scope: z.array(z.string()).optional() })),
      responses: { 200: any },
    },
    'POST /upload': {
      access: 'public',
      body: multipart({ file: upload({ max: '1KB', types: ['image/png', 'text/*'] }), title: z.string().min(2) }),
      responses: { 200: any },
    },
    'PUT /bytes': { access: 'public', body: bytes('video/*'), maxBody: '2KB', responses: { 200: any } },
  },
});
interface Given {
  readonly params: object;
  readonly query: object;
  readonly body: Record<string, unknown>;
}
const instance = () =>
  new Instance(
    contract,
    handlers({
      'GET /query': ({ query }: Given) => ({ ...query }),
      'GET /things/:id': ({ params }: Given) => ({ ...params }),
      'POST /json': ({ body }: Given) => body,
      'POST /tree': ({ body }: Given) => body,
      'POST /small': ({ body }: Given) => body,
      'POST /form': ({ body }: Given) => body,
      'POST /upload': ({
        body,
      }: {
        body: { file: { path: string; type: string; size: number; name: string }; title: string };
      }) => ({
        ...body,
        content: readFileSync(body.file.path, 'latin1'),
      }),
      'PUT /bytes': async ({ body }: { body: ReadableStream<Uint8Array> }) => {
        let size = 0;
        for await (const chunk of body) size += chunk.byteLength;
        return { size };
      },
    }),
  );
const start = async (): Promise<Running> => (running ??= await serve([instance()]));
const post = async (
  path: string,
  body: string,
  headers: Record<string, string> = { 'content-type': 'application/json' },
) => (await start()).call('POST', `/api/v1/demo${path}`, { body, headers });

test.each([
  ['', { page: 1 }],
  ['?tag=a', { tag: ['a'], page: 1 }],
  ['?tag=a&tag=b&page=3', { tag: ['a', 'b'], page: 3 }],
  ['?page=2&page=3', { page: 2 }],
  ['?unknown=1&q=a%20b', { page: 1, q: 'a b' }],
  ['?__proto__=x&constructor=y&q=%ff', { page: 1, q: '�' }],
])('the query %s is read', async (search, query) => {
  const { call } = await start();
  expect((await call('GET', `/api/v1/demo/query${search}`)).json).toEqual(query);
});

test('a query that its schema refuses is 422 and names the field', async () => {
  const { call } = await start();
  const { status, json } = await call('GET', '/api/v1/demo/query?page=zero');
  expect({ status, code: json.code, paths: json.errors.map((e: { path: string }) => e.path) }).toEqual({
    status: 422,
    code: 422,
    paths: ['query.page'],
  });
});

test.each(['x', "1';drop%20table%20x", '%F0%9F%8E%AC', 'x'.repeat(5_000)])(
  'the malformed id %# is 404 or 422, never 500',
  async (id) => {
    const { call } = await start();
    const { status } = await call('GET', `/api/v1/demo/things/${id}`);
    expect([404, 422]).toContain(status);
  },
);

test('a good body arrives with its defaults, what it does not declare is gone', async () => {
  expect((await post('/json', '{"name":"a","admin":true}')).json).toEqual({ name: 'a', paths: [] });
});

test.each([
  ['malformed', '{"name":', 400],
  ['of another shape', '{"name":1,"paths":[1]}', 422],
  ['empty', '', 422],
  ['a list', '[]', 422],
  ['null', 'null', 422],
  ['poisoned', '{"name":"a","__proto__":{"x":1}}', 400],
  ['poisoned by escapes', '{"name":"a","\\u005f_proto__":{"x":1}}', 400],
  ['with a NUL', '{"name":"a\\u0000b"}', 400],
])('a JSON body that is %s is refused with a problem', async (_, body, status) => {
  const { json, headers, ...got } = await post('/json', body);
  expect({ status: got.status, code: json.code, type: headers['content-type'] }).toEqual({
    status,
    code: status,
    type: 'application/problem+json',
  });
});

test('each wrong field of a body is named by its path', async () => {
  const { json } = await post('/json', '{"name":1,"paths":["a",2]}');
  expect(json.errors.map((e: { path: string }) => e.path)).toEqual(['body.name', 'body.paths.1']);
});

test('a body nested without end is 400', async () => {
  const deep = '{"of":['.repeat(50_000);
  expect((await post('/tree', deep)).status).toBe(400);
  expect((await post('/tree', `${'{"of":['.repeat(20)}${']}'.repeat(20)}`)).status).toBe(200);
});

test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx'])(
  'a body of %s is 415 where JSON is declared',
  async (type) => {
    expect((await post('/json', '{"name":"a"}', { 'content-type': type })).status).toBe(415);
  },
);

test('a body above its limit is 413, told by its length before a byte is read', async () => {
  const { port } = await start();
  const got = await raw(
    port,
    'POST /api/v1/demo/small HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n{',
  );
  expect(got).toMatch(/^HTTP\/1.1 413/);
  expect(got).toMatch(/connection: close/i);
});

test('a body without a length is 413 when it grows too large', async () => {
  const { port } = await start();
  const chunk = `400\r\n${'x'.repeat(1024)}\r\n`;
  const got = await raw(
    port,
    `POST /api/v1/demo/small HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n${chunk}${chunk}`,
  );
  expect(got).toMatch(/^HTTP\/1.1 413/);
});

test('a client that asks before it sends is told to go on', async () => {
  const { port } = await start();
  const got = await raw(
    port,
    'POST /api/v1/demo/json HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 12\r\n\r\n{"name":"a"}',
  );
  expect(got).toMatch(/^HTTP\/1.1 100 Continue[^]*HTTP\/1.1 200/);
});

test('a form is read', async () => {
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  expect((await post('/form', 'grant_type=refresh&scope=a&x=1', type)).json).toEqual({
    grant_type: 'refresh',
    scope: ['a'],
  });
  expect((await post('/form', 'scope=a', type)).status).toBe(422);
});

const part = (name: string, content: string, filename?: string): string =>
  `--B\r\ncontent-disposition: form-data; name="${name}"${filename === undefined ? '' : `; filename="${filename}"`}\r\n${filename === undefined ? '' : 'content-type: image/png\r\n'}\r\n${content}\r\n`;
const multi = { 'content-type': 'multipart/form-data; boundary=B' };
const upload1 = (...parts: string[]) => post('/upload', `${parts.join('')}--B--\r\n`, multi);

test('an upload is a temporary file whose type is told from its content, and goes after the answer', async () => {
  const { status, json } = await upload1(part('title', 'ok'), part('file', 'hello', '../../evil.png'));
  expect(status).toBe(200);
  expect({
    title: json.title,
    content: json.content,
    type: json.file.type,
    size: json.file.size,
    name: json.file.name,
  }).toEqual({
    title: 'ok',
    content: 'hello',
    type: 'text/plain',
    size: 5,
    name: 'evil.png',
  });
  const folder = join(running?.data ?? '', 'temp', 'uploads');
  await until(() => readdirSync(folder).length === 0, 'the temporary file is removed');
});

test.each([
  ['of a type that is not allowed', [part('title', 'ok'), part('file', '\u0000\u0001', 'a.png')], 422],
  ['above its limit', [part('title', 'ok'), part('file', 'x'.repeat(2_000), 'a.png')], 413],
  ['that is missing', [part('title', 'ok')], 422],
  ['with a bad field', [part('title', 'x'), part('file', 'hello', 'a.png')], 422],
])('an upload %s is refused and leaves nothing', async (_, parts, status) => {
  expect((await upload1(...parts)).status).toBe(status);
  const folder = join(running?.data ?? '', 'temp', 'uploads');
  await until(() => readdirSync(folder).length === 0, 'the temporary file is removed');
});

test('a multipart body that breaks off or has no boundary is 400', async () => {
  expect((await post('/upload', part('title', 'ok'), multi)).status).toBe(400);
  expect((await post('/upload', 'x', { 'content-type': 'multipart/form-data' })).status).toBe(400);
});

test('bytes are streamed to the handler and end at their limit', async () => {
  const { call } = await start();
  const put = (size: number, type = 'video/mp4') =>
    call('PUT', '/api/v1/demo/bytes', { body: 'x'.repeat(size), headers: { 'content-type': type } });
  expect((await put(2_000)).json).toEqual({ size: 2_000 });
  expect((await put(3_000)).status).toBe(413);
  expect((await put(10, 'image/png')).status).toBe(415);
});

test('a stream of bytes without a length is 413 at its limit', async () => {
  const { port } = await start();
  const chunk = `400\r\n${'x'.repeat(1024)}\r\n`;
  const got = await raw(
    port,
    `PUT /api/v1/demo/bytes HTTP/1.1\r\nhost: x\r\ncontent-type: video/mp4\r\ntransfer-encoding: chunked\r\n\r\n${chunk}${chunk}${chunk}`,
  );
  expect(got).toMatch(/^HTTP\/1.1 413/);
});
