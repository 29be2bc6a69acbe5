import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { ContractError } from '../errors.ts';
import type { ContractDef } from './contract.ts';
import { defineContract } from './define-contract.ts';
import { multipart, nothing, upload } from './schema.ts';
import { event, optional, service } from './token.ts';

const base = { id: 'demo', title: 'Demo', sdk: '^1.0' } as const;
const route = { access: 'user', responses: { 204: nothing } } as const;

/** As a contract written in JavaScript arrives: the compiler saw nothing of it. */
function faults(contract: object): string[] {
  try {
    defineContract(contract as ContractDef);
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
    return error.message
      .split('\n')
      .slice(1)
      .map((line) => line.trim());
  }
  return [];
}

test('a right contract passes and is frozen', () => {
  const contract = defineContract({
    ...base,
    config: { schema: z.object({ a: z.string() }), version: 2, migrate: { 1: (old) => old } },
    permissions: { sync: 'Sync', 'movies:refresh': { en: 'Refresh', de: 'Auffrischen' } },
    needs: { other: optional(service<{ a(): Promise<void> }>('other.thing@1.0')) },
    emits: { done: event('demo.done@1.0', { payload: z.object({ id: z.string() }), delivery: 'live' }) },
    base: '',
    routes: {
      'GET /': { access: 'public', responses: { 200: z.string() } },
      'GET /libraries/:library_id': { ...route, access: { grant: 'library:view', of: 'library_id' }, limit: '5/15m' },
      'GET /files/*path': { ...route, signed: true, cache: { for: '1h' } },
      'POST /sync': { ...route, access: { permission: 'sync' }, maxBody: '2MB' },
    },
    jobs: { sync: { cron: '*/15 * * * mon-fri', timeout: '10m', backoff: ['1s', '1h'], retries: 0 } },
    metrics: { took: { type: 'histogram', help: 'Time', buckets: [0.1, 1], labels: { kind: ['a'] } } },
  });
  expect(Object.isFrozen(contract)).toBe(true);
});

test('each wrong value is named with its place and its cure', () => {
  expect(
    faults({
      id: 'Demo!',
      title: '',
      sdk: 'one',
      base: 'movies/',
      instances: 'many',
      provides: { x: service('demo.x@1.0' as const) },
      permissions: { 'not one': 'X' },
      config: { schema: z.object({}), version: 3, migrate: { 1: () => ({}), 3: () => ({}) } },
      wrong: 1,
    }),
  ).toEqual([
    "id: 'Demo!' is no id; use 2 to 31 lower case letters, digits and dashes, a letter first",
    'title: missing; give the name that people read',
    "sdk: 'one' is no version range; write the SDK you built against, as in '^1.0'",
    "base: 'movies/' is no path; begin it with one slash, as in '/movies', or leave it empty",
    "base: 'movies/' has an empty segment; leave the extra slash out",
    "provides: many instances cannot provide one service; use instances: 'single' or an extension point",
    'config.migrate.2: missing; say how a config of version 2 becomes one of 3',
    'config.migrate.3: never runs at version 3; raise version or remove it',
    "permissions.not one: not a permission; write a name like 'sync' or a whole one like 'movies:refresh'",
    expect.stringMatching(/^wrong: unknown; known here: id, title/),
  ]);
});

test('each wrong route is named with its place and its cure', () => {
  const found = faults({
    ...base,
    routes: {
      'HEAD /a': route,
      'GET /b/:id.m3u8': route,
      'GET /c/*rest/d': route,
      'GET /e/:id/:id': route,
      'GET /f/:a': route,
      'GET /f/:b': route,
      'GET /g': { responses: { 204: nothing } },
      'GET /h': { ...route, access: 'everybody' },
      'GET /i': { ...route, access: { permission: 'nope' } },
      'GET /j/:id': { ...route, access: { grant: 'library', of: 'library_id' } },
      'GET /k': { ...route, access: {} },
      'GET /l': { ...route, access: 'public', signed: true },
      'GET /m': { ...route, body: z.string(), limit: 'often', maxBody: '2 MB', cache: { for: 'ever' } },
      'GET /n': { access: 'user', responses: {} },
      'GET /o': { access: 'user', responses: { 299: nothing } },
      'POST /p': { ...route, body: multipart({ file: upload({ max: '2 MB' as '2MB' }) }), sumary: '' },
    },
  }).map((line) => line.replace(/;.*/, ''));
  expect(found).toEqual([
    "routes['HEAD /a']: not a route",
    "routes['GET /b/:id.m3u8']: ':id.m3u8' is no segment",
    "routes['GET /c/*rest/d']: '*rest' is not last",
    "routes['GET /e/:id/:id']: a parameter comes twice",
    "routes['GET /f/:b']: matches what 'GET /f/:a' matches",
    "routes['GET /g'].access: missing",
    "routes['GET /h'].access: 'everybody' is none",
    "routes['GET /i'].access: nobody declared 'nope'",
    "routes['GET /j/:id'].access.grant: 'library' is no grant",
    "routes['GET /j/:id'].access.of: 'library_id' is no parameter of the path",
    "routes['GET /k'].access: neither permission nor grant",
    "routes['GET /l'].signed: a public route needs no link",
    "routes['GET /m'].body: a GET has none",
    "routes['GET /m'].limit: 'often' is no limit",
    "routes['GET /m'].maxBody: '2 MB' is no size",
    "routes['GET /m'].cache.for: 'ever' is no duration",
    "routes['GET /n'].responses: missing",
    "routes['GET /o'].responses.299: not a status a route may answer",
    "routes['POST /p'].body.file.max: '2 MB' is no size",
    'routes.POST /p.sumary: unknown',
  ]);
});

test('each wrong job, metric and token is named with its place', () => {
  const found = faults({
    ...base,
    jobs: {
      a: { cron: 'daily', timeout: '10 minutes', retries: -1, concurrency: 0 },
      'b c': { backoff: ['1s', 'long'], retires: 3 },
    },
    metrics: {
      'a-b': { type: 'counter', help: '' },
      c: { type: 'gauge', help: 'C', name: 'c', buckets: [2, 1] },
      d: { type: 'counter', help: 'D', labels: { instance: ['a'], Kind: ['a'], none: [], cap: { upTo: 0 } } },
    },
    provides: { x: service('demo.x@1.0' as const) },
    needs: { a: 'library', b: service('demo.x@1.0' as const), c: { kind: 'service', id: 'nope' } },
    emits: { d: service('demo.x@1.0' as const) },
  }).map((line) => line.replace(/;.*/, ''));
  expect(found).toEqual([
    "jobs.a.timeout: '10 minutes' is no duration",
    "jobs.a.cron: 'daily' is no cron line",
    'jobs.a.retries: -1 is too low or not whole',
    'jobs.a.concurrency: 0 is too low or not whole',
    'jobs.b c: not a name',
    "jobs.b c.backoff: 'long' is no duration",
    'metrics.a-b: not a name',
    'metrics.a-b.help: missing',
    "metrics.c.name: 'c' is no metric name",
    'metrics.c.buckets: a gauge has none',
    'metrics.c.buckets: not rising',
    "metrics.d.labels.instance: Prometheus or the kernel sets 'instance' itself",
    'metrics.d.labels.Kind: not a label',
    'metrics.d.labels.none: no values',
    'metrics.d.labels.cap: no values',
    'needs.a: not a service token',
    "needs.c: 'nope' is no token id",
    'emits.d: not a event token',
    'needs.b: it provides demo.x@1.0 itself',
    'jobs.b c.retires: unknown',
  ]);
});
