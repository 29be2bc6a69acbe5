import { afterEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect } from 'node:net';
import { KernelError } from '../errors.ts';
import { openLog } from '../log/pino-log.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { PromMetrics } from '../metrics/prom-metrics.ts';
import { ObservabilityServer } from './observability-server.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function started(metrics: Metrics = new PromMetrics({ defaults: false })) {
  const { log, stop } = openLog({ level: 'error', file: '/dev/null' });
  const state = { reasons: [] as string[], started: true };
  const heartbeat = new SharedArrayBuffer(8);
  const life = new Int32Array(heartbeat);
  const readiness = { started: () => state.started, reasons: () => state.reasons };
  const server = new ObservabilityServer({ metrics, readiness, log, heartbeat });
  ends.push(stop, () => server.stop());
  const port = await server.start({ host: '127.0.0.1', port: 0 });
  const get = async (path: string, init?: RequestInit): Promise<readonly [number, string]> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
    return [response.status, await response.text()];
  };
  return { server, state, life, port, get };
}

test('it serves the metrics, both health checks and an index, and nothing else', async () => {
  const metrics = new PromMetrics({ defaults: false });
  metrics.counter({ name: 'revenge_t_total', help: 'T' }).bind().inc(3);
  const { get } = await started(metrics);
  expect((await get('/metrics'))[1]).toContain('revenge_t_total 3');
  expect(await get('/health/live')).toEqual([200, '{"status":"live","reasons":[]}\n']);
  expect(await get('/health/ready/?x=1')).toEqual([200, '{"status":"ready","reasons":[]}\n']);
  expect((await get('/'))[1]).toContain('href="metrics"');
  expect((await get('/api/v1/plugins'))[0]).toBe(404);
  expect((await get('/metrics', { method: 'POST' }))[0]).toBe(405);
  expect(await get('/metrics', { method: 'HEAD' })).toEqual([200, '']);
});

test('a hung process is not live, and a node with reasons is not ready', async () => {
  const { get, state, life } = await started();
  Atomics.store(life, 0, (Math.floor(Date.now() / 1000) - 70) | 0);
  state.reasons = ['database: connection refused'];
  const [status, told] = await get('/health/live');
  expect(status).toBe(503);
  expect(told).toMatch(
    /^\{"status":"not live","reasons":\["the main thread has shown no sign of life for 7\d s"\]\}\n$/,
  );
  Atomics.store(life, 0, Math.floor(Date.now() / 1000) | 0);
  expect((await get('/health/live'))[0]).toBe(200);
  expect(await get('/health/ready')).toEqual([
    503,
    '{"status":"not ready","reasons":["database: connection refused"]}\n',
  ]);
  state.reasons = [];
  state.started = false;
  expect(await get('/health/ready')).toEqual([503, '{"status":"not ready","reasons":["starting"]}\n']);
});

test('scrapes beyond two at once are sent away, and a failing one is a 500', async () => {
  const waiting: { give(text: string): void; fail(error: Error): void }[] = [];
  const metrics = Object.assign(new PromMetrics({ defaults: false }), {
    exposition: () =>
      new Promise<{ type: string; text: string }>((resolve, reject) =>
        waiting.push({ give: (text) => resolve({ type: 'text/plain', text }), fail: reject }),
      ),
  });
  const { get } = await started(metrics);
  const first = get('/metrics');
  const second = get('/metrics');
  const third = await Promise.race([first, second, get('/metrics')]);
  expect(third).toEqual([503, 'too many scrapes at once\n']);
  waiting[0]?.give('fine');
  waiting[1]?.fail(new Error('broken'));
  expect([await first, await second].map(([status]) => status).sort()).toEqual([200, 500]);
});

test('a request line that is no path does no harm', async () => {
  const { get, port } = await started();
  const socket = connect(port, '127.0.0.1');
  socket.end('GET //[ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  expect(text).toMatch(/^HTTP\/1.1 404/);
  expect((await get('/'))[0]).toBe(200);
});

test('a port in use is named with its cure, and stop ends open connections', async () => {
  const { server, port, get } = await started();
  const { server: second } = await started();
  await second.stop();
  const error: unknown = await second.start({ host: '127.0.0.1', port }).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(KernelError);
  expect(error).toMatchObject({
    code: 'RV_PORT',
    message: `Port ${port} of the observability server is in use by another program.`,
    cure: "Set another in 'observability.port' or REVENGE__OBSERVABILITY__PORT, or stop that program.",
  });
  const idle = connect(port, '127.0.0.1');
  idle.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(idle, 'data');
  const closed = once(idle, 'close');
  await server.stop();
  await closed;
  await expect(get('/')).rejects.toThrow('fetch failed');
});
