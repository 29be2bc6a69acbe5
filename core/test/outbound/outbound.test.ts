import { afterEach, expect, test } from '@jest/globals';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { type Limiter, NeedsAuth, UpstreamError } from '@revenge/sdk';
import { z } from 'zod';
import { openLog } from '../../src/log/pino-log.ts';
import { PromMetrics } from '../../src/metrics/prom-metrics.ts';
import { Outbound } from '../../src/outbound/outbound.ts';
import { startUpstream, type TestUpstream } from './upstream.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

const upstream = async (answer: RequestListener): Promise<TestUpstream> => {
  const made = await startUpstream(answer);
  ends.push(made.stop);
  return made;
};
const always: Limiter = { take: () => Promise.resolve(true), reset: () => Promise.resolve() };

function client(limiter: Limiter = always) {
  const { log, stop } = openLog({ level: 'error', file: undefined });
  const metrics = new PromMetrics({ defaults: false });
  const clock = { now: Date.parse('2026-01-01T00:00:00Z') };
  const states: string[] = [];
  const instance = new AbortController();
  const outbound = new Outbound({ metrics, log, now: () => clock.now, random: () => 0 });
  const http = outbound.open(
    { plugin: 'demo', instance: 'main' },
    {
      signal: instance.signal,
      limiter,
      degraded: (host) => states.push(`degraded ${host}`),
      recovered: (host) => states.push(`recovered ${host}`),
    },
  );
  ends.push(stop, () => instance.abort());
  const series = async (name: string): Promise<string[]> =>
    (await metrics.exposition()).text.split('\n').filter((line) => line.startsWith(`revenge_${name}`));
  return { http, clock, states, instance, series };
}
const failure = async (work: Promise<unknown>): Promise<UpstreamError> => {
  const error: unknown = await work.then(
    () => undefined,
    (e: unknown) => e,
  );
  if (!UpstreamError.is(error)) throw new Error('an UpstreamError was expected', { cause: error });
  return error;
};

test('a host that answers is given back as it is, and counted by plugin, host and status', async () => {
  const up = await upstream((_, res) => res.end('hello'));
  const { http, series } = client();
  expect(await (await http(`${up.url}/a?key=s`, { query: { page: 2, none: undefined } })).text()).toBe('hello');
  expect(up.asked[0]?.url).toBe('/a?key=s&page=2');
  expect(await series('outbound_requests_total')).toEqual([
    `revenge_outbound_requests_total{plugin="demo",host="${up.host}",status="200"} 1`,
  ]);
  expect(await series('breaker_state')).toEqual([`revenge_breaker_state{plugin="demo",host="${up.host}"} 0`]);
  expect(await series('outbound_request_duration_seconds_count')).toHaveLength(1);
});

test('a host that hangs is given up after the timeout, for the headers as for a JSON body', async () => {
  const silent = await upstream(() => undefined);
  const half = await upstream((_, res) => void res.write('{"a":'));
  const { http, series } = client();
  const first = await failure(http(silent.url, { timeout: '50ms', retries: 0 }));
  const second = await failure(http.json(z.object({}), half.url, { timeout: '80ms', retries: 0 }));
  expect([first, second].map(({ host, status, body }) => ({ host, status, body }))).toEqual([
    { host: silent.host, status: undefined, body: 'no answer within 50 ms' },
    { host: half.host, status: undefined, body: 'no answer within 80 ms' },
  ]);
  expect((await series('outbound_requests_total'))[0]).toContain('status="timeout"');
});

test('a connection that is reset is tried again, up to twice', async () => {
  const up = await upstream((req) => req.socket.destroy());
  const { http } = client();
  const error = await failure(http(up.url));
  expect(error.status).toBeUndefined();
  expect(['connection lost', 'connection reset']).toContain(error.body);
  expect(up.asked).toHaveLength(3);
});

test('nobody listening is told as connection refused', async () => {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  const { http } = client();
  expect((await failure(http(`http://127.0.0.1:${port}/`, { retries: 0 }))).body).toBe('connection refused');
});

test('a server that speaks no HTTP is a failure of that host', async () => {
  const noise = createServer((socket) => socket.end('what do you want\r\n\r\n')).listen(0, '127.0.0.1');
  await once(noise, 'listening');
  ends.push(() => noise.close());
  const { http } = client();
  const { port } = noise.address() as AddressInfo;
  expect((await failure(http(`http://127.0.0.1:${port}/`, { retries: 0 }))).status).toBeUndefined();
});

test('a 503 is tried again until it answers', async () => {
  const up = await upstream((_, res) => {
    res.statusCode = up.asked.length < 3 ? 503 : 200;
    res.end('{"ok":true}');
  });
  const { http } = client();
  expect(await http.json(z.object({ ok: z.boolean() }), up.url)).toEqual({ ok: true });
  expect(up.asked).toHaveLength(3);
});

test('a POST is sent once, whatever comes back', async () => {
  const up = await upstream((_, res) => {
    res.statusCode = 503;
    res.end();
  });
  const { http } = client();
  expect((await failure(http(up.url, { method: 'POST', json: { a: 1 } }))).status).toBe(503);
  expect(up.asked).toHaveLength(1);
});

test('a 429 is tried again after its Retry-After, and given up at once when that is long', async () => {
  const times: number[] = [];
  const up = await upstream((_, res) => {
    times.push(performance.now());
    if (times.length === 1) res.writeHead(429, { 'retry-after': '1' });
    res.end('{}');
  });
  const slow = await upstream((_, res) => {
    res.writeHead(429, { 'retry-after': '3600' });
    res.end('later');
  });
  const { http } = client();
  expect(await http.json(z.object({}), up.url)).toEqual({});
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(990);
  const error = await failure(http(slow.url));
  expect([error.status, error.retryAfter, error.body]).toEqual([429, '3600s', 'later']);
  expect(slow.asked).toHaveLength(1);
});

test('five failures in a row open the breaker, which asks once after a while and closes on an answer', async () => {
  let status = 500;
  const up = await upstream((_, res) => {
    res.statusCode = status;
    res.end();
  });
  const { http, clock, states, series } = client();
  for (let i = 0; i < 5; i += 1) await failure(http(up.url, { retries: 0 }));
  expect(states).toEqual([`degraded ${up.host}`]);
  const refused = await failure(http(up.url));
  expect([refused.status, refused.retryAfter]).toEqual([undefined, '30s']);
  expect(up.asked).toHaveLength(5);
  expect((await series('breaker_state'))[0]).toMatch(/ 2$/);
  clock.now += 30_001;
  expect((await series('breaker_state'))[0]).toMatch(/ 1$/);
  await failure(http(up.url, { retries: 0 }));
  await failure(http(up.url));
  expect(up.asked).toHaveLength(6);
  clock.now += 30_001;
  status = 200;
  await http(up.url);
  expect(states).toEqual([`degraded ${up.host}`, `recovered ${up.host}`]);
  expect((await series('breaker_state'))[0]).toMatch(/ 0$/);
});

test('JSON that is none, a page, of another shape or too large is an UpstreamError with a short reason', async () => {
  const answers = ['{"a":', '<html>login</html>', '{"a":"secret-value"}'];
  const up = await upstream((_, res) => res.end(answers[up.asked.length - 1]));
  const huge = await upstream((_, res) => {
    const chunk = Buffer.alloc(1024 * 1024, 0x20);
    const more = (): void => {
      while (!res.destroyed && res.write(chunk));
      if (!res.destroyed) res.once('drain', more);
    };
    more();
  });
  const { http } = client();
  const reasons: string[] = [];
  for (const url of [up.url, up.url, up.url, huge.url]) {
    reasons.push((await failure(http.json(z.object({ a: z.number() }), url, { retries: 0 }))).body);
  }
  expect(reasons).toEqual([
    'the answer is no JSON',
    'the answer is a page, not JSON',
    'the answer has another shape than expected: a: Invalid input: expected number, received string',
    'the answer is larger than 32 MB',
  ]);
});

test('a refusal carries at most 2 kB of its body', async () => {
  const up = await upstream((_, res) => {
    res.statusCode = 400;
    res.end('x'.repeat(100_000));
  });
  const { http } = client();
  expect((await failure(http(up.url))).body).toHaveLength(2_048);
});

test('an upstream adds its base path, headers and query, and refuses other origins', async () => {
  const up = await upstream((_, res) => res.end());
  const other = await upstream((_, res) => res.end());
  const { http } = client();
  const api = http.to({ base: `${up.url}/radarr/`, headers: { 'x-api-key': 'k' }, query: { apikey: 'q' } });
  await api('/api/v3/movie?term=a b', { query: { page: 1 } });
  expect([up.asked[0]?.url, up.asked[0]?.headers['x-api-key']]).toEqual([
    '/radarr/api/v3/movie?term=a+b&apikey=q&page=1',
    'k',
  ]);
  await expect(api(`${other.url}/x`)).rejects.toThrow(`speaks to ${up.url} alone`);
  expect(other.asked).toEqual([]);
});

test('a 401 of an upstream with auth is NeedsAuth for that field of the config', async () => {
  const up = await upstream((_, res) => {
    res.statusCode = 401;
    res.end();
  });
  const { http } = client();
  const error: unknown = await http
    .to({ base: up.url, auth: 'apiKey' })('/x')
    .catch((e: unknown) => e);
  expect(NeedsAuth.is(error) && [error.field, error.message]).toEqual([
    'apiKey',
    `${up.host} refused the credentials (401): check apiKey`,
  ]);
});

test('a redirect is followed; to another origin no header of ours goes with it', async () => {
  const target = await upstream((_, res) => res.end('there'));
  const up = await upstream((req, res) => {
    res.writeHead(302, { location: req.url === '/away' ? `${target.url}/got` : '/away' });
    res.end();
  });
  const { http } = client();
  const headers = { authorization: 'Bearer s', 'x-api-key': 's', accept: 'text/plain' };
  expect(await (await http(`${up.url}/`, { headers })).text()).toBe('there');
  expect(up.asked[1]?.headers['x-api-key']).toBe('s');
  const { authorization, 'x-api-key': key, accept } = target.asked[0]?.headers ?? {};
  expect([authorization, key, accept]).toEqual([undefined, undefined, 'text/plain']);
});

test('a redirect that goes in circles ends', async () => {
  const up = await upstream((_, res) => {
    res.writeHead(302, { location: '/' });
    res.end();
  });
  const { http } = client();
  expect((await failure(http(up.url))).body).toBe('more than 10 redirects');
  expect(up.asked).toHaveLength(11);
});

test("the caller's signal and the instance's end a call with their own reason, and a body that is being read", async () => {
  const silent = await upstream(() => undefined);
  const half = await upstream((_, res) => void res.write('first'));
  const { http, instance, states } = client();
  const mine = new AbortController();
  const waiting = http(silent.url, { signal: mine.signal });
  mine.abort(new Error('not wanted any more'));
  await expect(waiting).rejects.toThrow('not wanted any more');
  const response = await http(half.url);
  const text = response.text();
  instance.abort(new Error('the instance stops'));
  await expect(text).rejects.toThrow('the instance stops');
  await expect(http(half.url)).rejects.toThrow('the instance stops');
  expect(states).toEqual([]);
});

test('a rate waits for its turn, and concurrency keeps the number of open requests down', async () => {
  const answers = [false, false, true, true, true];
  const keys: string[] = [];
  const limiter: Limiter = {
    ...always,
    take: (key, limit) => {
      keys.push(`${key} ${limit}`);
      return Promise.resolve(answers.shift() ?? true);
    },
  };
  let open = 0;
  let most = 0;
  const up = await upstream((_, res) => {
    most = Math.max(most, (open += 1));
    setImmediate(() => {
      open -= 1;
      res.end('{}');
    });
  });
  const { http } = client(limiter);
  const api = http.to({ base: up.url, rate: '50/s', concurrency: 1 });
  await Promise.all([1, 2, 3].map((n) => api.json(z.object({}), `/${n}`)));
  expect(most).toBe(1);
  expect(keys).toEqual(Array.from({ length: 5 }, () => `http:${up.host}:50/s 50/s`));
});

test('no secret stands in what is thrown', async () => {
  const up = await upstream((req) => req.socket.destroy());
  const { http } = client();
  const secrets = { headers: { 'x-api-key': 'TOPSECRET' }, query: { apikey: 'TOPSECRET' }, retries: 0 };
  const told = [
    await http(`${up.url}/TOP`, secrets).catch((e: unknown) => e),
    await http('/TOPSECRET').catch((e: unknown) => e),
    await http(up.url, { headers: { 'x-api-key': 'TOPSECRET\n' } }).catch((e: unknown) => e),
    await http(up.url, { headers: { 'x-api-key': 'TOPSECRET\u0000' } }).catch((e: unknown) => e),
  ];
  const text = told.map((error) =>
    error instanceof Error ? `${error.stack} ${JSON.stringify(error)} ${String(error.cause)}` : '',
  );
  expect(text.filter((each) => each === '' || each.includes('TOPSECRET'))).toEqual([]);
  expect(() => http.to({ base: 'TOPSECRET' })).toThrow('the base of an upstream is no URL');
});

test('many requests at once on one instance and one signal warn of no leak', async () => {
  const up = await upstream((_, res) => res.end('{}'));
  const { http } = client();
  const warnings: string[] = [];
  const listen = (warning: Error): number => warnings.push(warning.name);
  process.on('warning', listen);
  ends.push(() => process.off('warning', listen));
  const { signal } = new AbortController();
  await Promise.all(Array.from({ length: 40 }, () => http.json(z.object({}), up.url, { signal })));
  await new Promise(setImmediate); // warnings are told a tick later
  expect(warnings).toEqual([]);
});
