import { afterEach, expect, test } from '@jest/globals';
import { problem } from '@revenge/sdk';
import { HealthState } from '../../src/health/health-state.ts';
import { coreOpenApi } from '../../src/http/routes/core-openapi.ts';
import type { HttpDeps } from '../../src/http/http-deps.ts';
import type { InstanceInfo, PluginAdmin } from '../../src/plugins/plugin-admin.ts';
import { person, type Running, serve } from './support.ts';

let running: Running | undefined;
afterEach(async () => {
  await running?.stop();
  running = undefined;
});

const info: InstanceInfo = {
  id: 'auth',
  plugin: 'auth',
  instance: 'main',
  title: 'Sign <in>',
  version: '1.0.0',
  state: 'ready',
  reason: null,
  since: '2026-11-24T20:00:00.000Z',
  required: true,
  notices: ['Make the first account: <script>alert(1)</script>'],
  permissions: [],
};
const document = {
  openapi: '3.1.0',
  info: { title: 'Revenge', version: '1' },
  paths: { ...coreOpenApi().paths, '/x': { get: { summary: '<b>', tags: ['true'], responses: {} } } },
  empty: [],
  on: 'yes: no',
};
class Admin implements PluginAdmin {
  readonly done: string[] = [];
  list(): readonly InstanceInfo[] {
    return [info];
  }
  #find(id: string): InstanceInfo {
    if (id !== info.id) throw problem.notFound('plugin');
    return info;
  }
  async configForm(id: string) {
    this.#find(id);
    return { schema: {}, values: { a: 1 }, locked: {} };
  }
  async #did(what: string, id: string): Promise<InstanceInfo> {
    const found = this.#find(id);
    this.done.push(`${what} ${id}`);
    return found;
  }
  configure(id: string, values: object) {
    return this.#did(`configure ${JSON.stringify(values)}`, id);
  }
  create(plugin: string, instance: string, values: object) {
    return this.#did(`create ${instance} ${JSON.stringify(values)}`, plugin);
  }
  async remove(id: string): Promise<void> {
    await this.#did('remove', id);
  }
  enable(id: string) {
    return this.#did('enable', id);
  }
  disable(id: string) {
    return this.#did('disable', id);
  }
  restart(id: string) {
    return this.#did('restart', id);
  }
  openapi() {
    return document;
  }
}
const JOB = '0190d3a4-7b1e-7c53-9d0a-2f5b8c1e4a77';
const row = { id: JOB, type: 'library.scan<x>', state: 'running', progress: 0.5 };
const jobs = {
  asked: [] as unknown[],
  list: async (filter: unknown) => (jobs.asked.push(filter), [row]),
  counts: async () => ({ running: 1, completed: 9 }),
  read: async (id: string) => (id === JOB ? row : undefined),
  retry: async () => false,
  cancel: async () => undefined,
};
const events = {
  deadLetters: async () => [{ id: '7' }],
  replay: async (id: string) => id === '7',
  async *stream(user: { name: string }, last: string | undefined) {
    yield { data: { for: user.name, after: last ?? null }, id: '8' };
  },
};
const health = new HealthState();
const admin = new Admin();
const start = async (): Promise<Running> =>
  (running = await serve([], {
    people: {
      ada: person('ada', '*'),
      ops: person('ops', ['core:plugins', 'core:jobs', 'core:events']),
      eve: person('eve'),
    },
    deps: {
      plugins: () => admin,
      jobs: jobs as never,
      events: events as never,
      readiness: health,
    } satisfies Partial<HttpDeps>,
  }));

test('health is told from memory, in the reference’s shape', async () => {
  const { call } = await start();
  const ask = async (path: string) => {
    const { status, json } = await call('GET', path);
    return { status, name: json.name, health: json.status, message: json.message };
  };
  expect(await ask('/healthz')).toEqual({
    status: 200,
    name: 'liveness',
    health: 'healthy',
    message: 'The process is alive.',
  });
  expect(await ask('/startupz')).toMatchObject({ status: 503, health: 'unhealthy' });
  expect(await ask('/readyz')).toMatchObject({ status: 503, message: 'still starting' });
  health.setStarted();
  expect(await ask('/startupz')).toMatchObject({ status: 200 });
  health.set('database', 'connection refused');
  expect(await ask('/readyz')).toEqual({
    status: 503,
    name: 'readiness',
    health: 'unhealthy',
    message: 'database: connection refused',
  });
  health.set('database', undefined);
  expect(await ask('/readyz')).toMatchObject({ status: 200, health: 'healthy' });
});

test.each([
  ['GET', '/api/v1/plugins'],
  ['POST', '/api/v1/plugins'],
  ['GET', '/api/v1/plugins/auth'],
  ['DELETE', '/api/v1/plugins/auth'],
  ['GET', '/api/v1/plugins/auth/config'],
  ['PUT', '/api/v1/plugins/auth/config'],
  ['POST', '/api/v1/plugins/auth/restart'],
  ['GET', '/api/v1/jobs'],
  ['GET', `/api/v1/jobs/${JOB}`],
  ['POST', `/api/v1/jobs/${JOB}/cancel`],
  ['GET', '/api/v1/events/dead'],
  ['POST', '/api/v1/events/dead/7/replay'],
])('%s %s is for administrators', async (method, path) => {
  const { call } = await start();
  expect((await call(method, path)).status).toBe(401);
  expect((await call(method, path, { as: 'eve' })).status).toBe(403);
});

test('plugins are listed, configured, made, restarted and removed', async () => {
  const { call } = await start();
  const as = 'ops';
  expect((await call('GET', '/api/v1/plugins', { as })).json).toEqual({ plugins: [info], total: 1 });
  expect((await call('GET', '/api/v1/plugins/nobody', { as })).status).toBe(404);
  expect((await call('POST', '/api/v1/plugins/nobody/enable', { as })).status).toBe(404);
  expect((await call('POST', '/api/v1/plugins', { as, json: { plugin: 'auth', instance: 'uhd' } })).status).toBe(201);
  expect((await call('POST', '/api/v1/plugins', { as, json: { plugin: 'auth' } })).status).toBe(422);
  expect((await call('GET', '/api/v1/plugins/auth/config', { as })).json.values).toEqual({ a: 1 });
  for (const what of ['enable', 'disable', 'restart'])
    expect((await call('POST', `/api/v1/plugins/auth/${what}`, { as })).status).toBe(200);
  expect((await call('PUT', '/api/v1/plugins/auth/config', { as, json: { a: 2 } })).status).toBe(200);
  expect((await call('DELETE', '/api/v1/plugins/auth', { as })).status).toBe(204);
  expect((await call('PATCH', '/api/v1/plugins/auth', { as })).headers.allow).toContain('DELETE');
  expect(admin.done).toEqual([
    'create uhd {} auth',
    'enable auth',
    'disable auth',
    'restart auth',
    'configure {"a":2} auth',
    'remove auth',
  ]);
});

test('jobs are filtered, read, cancelled; bad filters and ids are 422', async () => {
  const { call } = await start();
  const as = 'ada';
  expect((await call('GET', '/api/v1/jobs?state=running&limit=1', { as })).json).toEqual({
    jobs: [row],
    total: 1,
    counts: { running: 1, completed: 9 },
    next: JOB,
  });
  for (const path of ['?state=nothing', '?limit=0', '?limit=101', '?before=x', '/x'])
    expect((await call('GET', `/api/v1/jobs${path}`, { as })).status).toBe(422);
  expect((await call('GET', `/api/v1/jobs/${JOB.replace('0', '1')}`, { as })).status).toBe(404);
  expect((await call('POST', `/api/v1/jobs/${JOB}/cancel`, { as })).status).toBe(202);
  expect((await call('POST', `/api/v1/jobs/${JOB}/retry`, { as })).status).toBe(409);
});

test('events are streamed to who is signed in, from where they were left', async () => {
  const { call } = await start();
  expect((await call('GET', '/api/v1/events')).status).toBe(401);
  const { text, headers } = await call('GET', '/api/v1/events', { as: 'eve', headers: { 'last-event-id': '7' } });
  expect({ type: headers['content-type'], text }).toEqual({
    type: 'text/event-stream',
    text: ': \n\nid: 8\ndata: {"for":"eve","after":"7"}\n\n',
  });
});

test('dead letters are listed and replayed', async () => {
  const { call } = await start();
  expect((await call('GET', '/api/v1/events/dead', { as: 'ada' })).json).toEqual({ events: [{ id: '7' }], next: null });
  expect((await call('POST', '/api/v1/events/dead/7/replay', { as: 'ada' })).status).toBe(204);
  expect((await call('POST', '/api/v1/events/dead/8/replay', { as: 'ada' })).status).toBe(404);
});

test('the API describes itself as JSON, as the same in YAML, and as a page that needs nothing else', async () => {
  const { call } = await start();
  expect((await call('GET', '/api/openapi.json')).json).toEqual(JSON.parse(JSON.stringify(document)));
  const { parse } = await import('yaml');
  const yaml = await call('GET', '/api/openapi.yaml');
  expect(parse(yaml.text)).toEqual(JSON.parse(JSON.stringify(document)));
  const page = await call('GET', '/api/docs');
  expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/);
  expect(page.text).toContain('/api/v1/plugins/{id}/restart');
  expect(page.text).toContain('&lt;b&gt;');
  expect(page.text).not.toMatch(/<script|https?:\/\//);
});

test('the start page tells state, work and what to do, and runs nothing', async () => {
  const { call } = await start();
  const { status, text, headers } = await call('GET', '/');
  expect(status).toBe(200);
  expect(headers['content-type']).toBe('text/html; charset=utf-8');
  for (const part of [
    'Sign &lt;in&gt;',
    'ready',
    'library.scan&lt;x&gt;',
    '50 %',
    'Make the first account',
    '/api/docs',
  ])
    expect(text).toContain(part);
  expect(text).not.toContain('<script');
});
