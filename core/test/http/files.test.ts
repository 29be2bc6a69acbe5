import { readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { bytes, defineContract } from '@revenge/sdk';
import { call, handlers, Instance, raw, type Running, serve, until } from './support.ts';

let running: Running | undefined;
afterEach(async () => {
  await running?.stop();
  running = undefined;
});

const contract = defineContract({
  id: 'demo',
  title: 'Demo',
  sdk: '^1.0',
  routes: { 'GET /file': { access: 'public', responses: { 200: bytes('video/*') } } },
});
const CONTENT = '0123456789abcdefghij';
/** Serves what the handler makes of the folder's path; `film.mp4` is there. */
async function start(handler: (folder: string) => unknown): Promise<Running> {
  let folder = '';
  const instance = new Instance(contract, handlers({ 'GET /file': () => handler(folder) }));
  running = await serve([instance]);
  folder = running.data;
  writeFileSync(join(folder, 'film.mp4'), CONTENT);
  return running;
}
const film = (folder: string) => ({ file: join(folder, 'film.mp4'), type: 'video/mp4' });
const URL = '/api/v1/demo/file';

test('a file is sent whole, with its type, length and validators', async () => {
  const r = await start(film);
  const { status, headers, text } = await r.call('GET', URL);
  expect({
    status,
    text,
    type: headers['content-type'],
    length: headers['content-length'],
    ranges: headers['accept-ranges'],
  }).toEqual({
    status: 200,
    text: CONTENT,
    type: 'video/mp4',
    length: '20',
    ranges: 'bytes',
  });
  expect(headers.etag).toMatch(/^"[\w-]+"$/);
  expect(headers['last-modified']).toMatch(/GMT$/);
});

test.each([
  ['bytes=0-0', 206, '0', 'bytes 0-0/20'],
  ['bytes=5-9', 206, '56789', 'bytes 5-9/20'],
  ['bytes=15-', 206, 'fghij', 'bytes 15-19/20'],
  ['bytes=-3', 206, 'hij', 'bytes 17-19/20'],
  ['bytes=-99', 206, CONTENT, 'bytes 0-19/20'],
  ['bytes=10-999', 206, 'abcdefghij', 'bytes 10-19/20'],
  ['bytes=20-', 416, undefined, 'bytes */20'],
  ['bytes=-0', 416, undefined, 'bytes */20'],
  ['bytes=9-5', 200, CONTENT, undefined],
  ['bytes=0-1,3-4', 200, CONTENT, undefined],
  ['lines=0-1', 200, CONTENT, undefined],
  ['bytes=a-b', 200, CONTENT, undefined],
])('Range %s is %i', async (range, status, text, told) => {
  const r = await start(film);
  const got = await r.call('GET', URL, { headers: { range } });
  expect({ status: got.status, told: got.headers['content-range'] }).toEqual({ status, told });
  if (text !== undefined) expect(got.text).toBe(text);
});

test('a part is sent only of the file the client has already', async () => {
  const r = await start(film);
  const { headers } = await r.call('GET', URL);
  const part = (ifRange: string) => r.call('GET', URL, { headers: { range: 'bytes=0-1', 'if-range': ifRange } });
  expect((await part(headers.etag ?? '')).status).toBe(206);
  expect((await part(headers['last-modified'] ?? '')).status).toBe(206);
  expect((await part('"other"')).status).toBe(200);
  expect((await part(`W/${headers.etag ?? ''}`)).status).toBe(200);
});

test('who has the file already gets 304', async () => {
  const r = await start(film);
  const { headers } = await r.call('GET', URL);
  expect((await r.call('GET', URL, { headers: { 'if-none-match': headers.etag ?? '' } })).status).toBe(304);
  expect((await r.call('GET', URL, { headers: { 'if-modified-since': headers['last-modified'] ?? '' } })).status).toBe(
    304,
  );
});

test('HEAD tells the length and sends nothing', async () => {
  const r = await start(film);
  const { status, headers, bytes } = await r.call('HEAD', URL);
  expect({ status, length: headers['content-length'], sent: bytes.length }).toEqual({
    status: 200,
    length: '20',
    sent: 0,
  });
});

test('a download has a name that old and new clients read', async () => {
  const r = await start((folder) => ({ ...film(folder), name: '../Amélie "千"\n.mp4' }));
  const { headers } = await r.call('GET', URL);
  expect(headers['content-disposition']).toBe(
    `attachment; filename="Am_lie \\"_\\" .mp4"; filename*=UTF-8''Am%C3%A9lie%20%22%E5%8D%83%22%20.mp4`,
  );
});

test.each([
  ['that is not there', (folder: string) => ({ file: join(folder, 'gone.mp4') })],
  ['below a file', (folder: string) => ({ file: join(folder, 'film.mp4', 'x') })],
  ['that is a folder', (folder: string) => ({ file: folder })],
  ['with a name no disk takes', (folder: string) => ({ file: join(folder, 'x'.repeat(300)) })],
])('a file %s is 404', async (_, handler) => {
  const r = await start(handler);
  expect((await r.call('GET', URL)).status).toBe(404);
});

test('an empty file is sent as such', async () => {
  const r = await start((folder) => {
    writeFileSync(join(folder, 'empty'), '');
    return { file: join(folder, 'empty') };
  });
  const { status, headers, text } = await r.call('GET', URL);
  expect({ status, length: headers['content-length'], text }).toEqual({ status: 200, length: '0', text: '' });
  expect((await r.call('GET', URL, { headers: { range: 'bytes=0-' } })).status).toBe(416);
});

test('bytes in memory have ranges, and a stream is sent as it comes', async () => {
  const r = await start(() => ({ data: new TextEncoder().encode(CONTENT), type: 'image/png' }));
  const part = await r.call('GET', URL, { headers: { range: 'bytes=-2' } });
  expect({ status: part.status, text: part.text, type: part.headers['content-type'] }).toEqual({
    status: 206,
    text: 'ij',
    type: 'image/png',
  });
  await r.stop();
  const s = await start(() => new Blob([CONTENT]).stream());
  expect((await s.call('GET', URL)).text).toBe(CONTENT);
});

test('a stream that fails half way cuts the connection, so that a part is never taken for the whole', async () => {
  const r = await start(
    () =>
      new ReadableStream({
        start: (c) => c.enqueue(new TextEncoder().encode('half')),
        pull: (c) => c.error(new Error('disk')),
      }),
  );
  await expect(r.call('GET', URL)).rejects.toThrow(/aborted|hang up|ECONNRESET/);
});

test('clients that go away in the middle leave no file open and no stream running', async () => {
  const r = await start((folder) => ({ file: join(folder, 'large.bin') }));
  writeFileSync(join(r.data, 'large.bin'), Buffer.alloc(8 * 1024 * 1024));
  const goAway = (): Promise<void> =>
    new Promise((resolve) => {
      const req = request({ port: r.port, path: URL, agent: false }, (res) => {
        res.once('data', () => {
          req.destroy();
          resolve();
        });
        res.on('error', () => undefined);
      });
      req.on('error', () => undefined);
      req.end();
    });
  await Promise.all(Array.from({ length: 40 }, goAway));
  await until(() => openFiles().every((path) => !path.includes('large.bin')), 'every file is closed');
  const line = r.log.lines.filter((l) => l.message === 'request' && l.fields['aborted'] === true);
  expect(line.length).toBeGreaterThan(0);
});

function openFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      // closed since it was listed
      return [];
    }
  });
}

test('a connection is kept for the next request', async () => {
  const r = await start(film);
  const one = `GET ${URL} HTTP/1.1\r\nhost: x\r\n`;
  const got = await raw(r.port, `${one}\r\n${one}connection: close\r\n\r\n`);
  expect(got.match(/HTTP\/1.1 200/g)?.length).toBe(2);
  expect(await call(r.port, 'GET', URL)).toMatchObject({ status: 200 });
});
