import { afterEach, expect, test } from '@jest/globals';
import { defineContract } from '@revenge/sdk';
import { z } from 'zod';
import { handlers, Instance, type Running, serve, type Setup } from './support.ts';

let running: Running | undefined;
afterEach(async () => {
  await running?.stop();
  running = undefined;
});

const who = z.object({ name: z.string().nullable(), kind: z.string().nullable() });
const contract = defineContract({
  id: 'demo',
  title: 'Demo',
  sdk: '^1.0',
  permissions: { look: 'Look around', 'movies:refresh': 'Refresh films' },
  routes: {
    'GET /public': { access: 'public', responses: { 200: who } },
    'GET /user': { access: 'user', responses: { 200: who } },
    'GET /look': { access: { permission: 'look' }, responses: { 200: who } },
    'GET /refresh': { access: { permission: 'movies:refresh' }, responses: { 200: who } },
    'GET /libraries/:library_id': { access: { grant: 'library:view', of: 'library_id' }, responses: { 200: who } },
    'GET /files/:id/stream': { access: 'user', signed: true, responses: { 200: who } },
    'GET /files/:id/next': { access: 'user', signed: true, responses: { 200: who } },
    'GET /files/:id': { access: 'user', responses: { 200: who } },
    'GET /art/:library_id': {
      access: { grant: 'library:view', of: 'library_id' },
      signed: true,
      responses: { 200: who },
    },
  },
});
type Asked = { user: { name: string; credential: { kind: string } } | undefined };
const say = ({ user }: Asked) => ({ name: user?.name ?? null, kind: user?.credential.kind ?? null });
const routes = handlers(Object.fromEntries(Object.keys(contract.routes).map((key) => [key, say])));
const instance = () => new Instance(contract, routes);
const start = async (setup?: Setup): Promise<Running> => (running = await serve([instance()], setup));
const path = (link: string): string => link.replace(/^https?:\/\/[^/]+/, '');

test.each([
  ['/public', undefined, 200],
  ['/user', undefined, 401],
  ['/user', 'nobody', 401],
  ['/user', 'eve', 200],
  ['/look', undefined, 401],
  ['/look', 'eve', 403],
  ['/look', 'bob', 200],
  ['/look', 'ada', 200],
  ['/refresh', 'bob', 403],
  ['/libraries/7', undefined, 401],
  ['/libraries/7', 'eve', 404],
  ['/libraries/7', 'bob', 200],
])('%s as %s is %i', async (route, as, status) => {
  const { call, people } = await start();
  people.grants.add('bob library:view 7');
  expect((await call('GET', `/api/v1/demo${route}`, as === undefined ? {} : { as })).status).toBe(status);
});

test('a route that asks who calls is 503 while nobody can tell, and a public one goes on', async () => {
  const { call } = await start({ noAuthenticator: true });
  const { status, headers } = await call('GET', '/api/v1/demo/user', { as: 'ada' });
  expect({ status, after: headers['retry-after'] }).toEqual({ status: 503, after: '5' });
  expect((await call('GET', '/api/v1/demo/public', { as: 'ada' })).status).toBe(200);
});

test('a public route knows who shows a good credential and ignores a bad one', async () => {
  const { call } = await start();
  expect((await call('GET', '/api/v1/demo/public', { as: 'ada' })).json.name).toBe('ada');
  expect((await call('GET', '/api/v1/demo/public', { as: 'nobody' })).json.name).toBeNull();
});

test('with a bearer token and an API key the bearer token decides', async () => {
  const { call } = await start();
  const key = { 'x-api-key': 'token-ada' };
  expect((await call('GET', '/api/v1/demo/user', { headers: key })).status).toBe(200);
  expect((await call('GET', '/api/v1/demo/user', { headers: { ...key, authorization: 'Bearer bad' } })).status).toBe(
    401,
  );
});

test('401 says how to sign in', async () => {
  const { call } = await start();
  const { headers, json } = await call('GET', '/api/v1/demo/user');
  expect({ how: headers['www-authenticate'], code: json.code }).toEqual({ how: 'Bearer', code: 401 });
});

const link = ({ links }: Running, user: string, id = '1', key = 'GET /files/:id/stream'): string =>
  path(
    links.url({ plugin: 'demo', instance: 'main' }, contract, key, {
      params: { id },
      signed: { for: '1h', user, credential: `session-${user}` },
    }),
  );

test('a signed link lets its user in, and relative links below it too', async () => {
  const r = await start();
  const url = link(r, 'eve');
  expect(url).toMatch(/^\/api\/v1\/~[\w-]+\.[\w-]+\/demo\/files\/1\/stream$/);
  expect((await r.call('GET', url)).json).toEqual({ name: 'eve', kind: 'link' });
  expect((await r.call('GET', url.replace('/stream', '/next'))).status).toBe(200);
});

test('a signed link opens no other file, no unsigned route and no other instance', async () => {
  const r = await start();
  const url = link(r, 'eve');
  expect((await r.call('GET', url.replace('files/1', 'files/2'))).status).toBe(404);
  expect((await r.call('GET', url.replace('/stream', ''))).status).toBe(404);
  expect((await r.call('GET', url.replace(/demo.*/, 'demo/public'))).status).toBe(404);
  const other = r.links.url({ plugin: 'demo', instance: 'second' }, contract, 'GET /files/:id/stream', {
    params: { id: '1' },
    signed: { for: '1h', user: 'eve' },
  });
  expect((await r.call('GET', path(other))).status).toBe(404);
});

test.each([
  ['changed', (url: string) => url.replace(/~(.)/, (_, c: string) => `~${c === 'e' ? 'f' : 'e'}`)],
  ['without its end', (url: string) => url.replace(/\.[\w-]+/, '.AAAA')],
  ['of nothing', () => '/api/v1/~/demo/files/1/stream'],
  ['endless', () => `/api/v1/~${'a'.repeat(9_000)}.b/demo/files/1/stream`],
])('a ticket %s is 401', async (_, spoil) => {
  const r = await start();
  expect((await r.call('GET', spoil(link(r, 'eve')))).status).toBe(401);
});

test('a signed link ends with its time, its session and its user', async () => {
  const r = await start();
  const over = r.links.url({ plugin: 'demo', instance: 'main' }, contract, 'GET /files/:id/stream', {
    params: { id: '1' },
    signed: { for: '0ms', user: 'eve' },
  });
  expect((await r.call('GET', path(over))).status).toBe(401);
  const url = link(r, 'eve');
  r.people.revoked.add('session-eve');
  expect((await r.call('GET', url)).status).toBe(401);
});

test('a signed link to a granted thing asks for the grant each time', async () => {
  const r = await start();
  const url = path(
    r.links.url({ plugin: 'demo', instance: 'main' }, contract, 'GET /art/:library_id', {
      params: { library_id: '7' },
      signed: { for: '1h', user: 'eve' },
    }),
  );
  expect((await r.call('GET', url)).status).toBe(404);
  r.people.grants.add('eve library:view 7');
  expect((await r.call('GET', url)).status).toBe(200);
});

test('neither a ticket nor a token nor a query reaches the log', async () => {
  const r = await start();
  const url = link(r, 'eve');
  await r.call('GET', `${url}?secret=hunter2`);
  await r.call('GET', '/api/v1/demo/user', { as: 'ada' });
  const lines = JSON.stringify(r.log.lines);
  expect(lines).toContain('/api/v1/demo/files/:id/stream');
  for (const secret of [url.split('/')[3] ?? '~', 'hunter2', 'token-ada']) expect(lines).not.toContain(secret);
});

test('an authenticator that gives one promise for all calls is asked each time, and believed no longer than it gives it', async () => {
  const { call, people } = await start();
  const eve = people.authenticate({ secret: 'token-eve' });
  let asked = 0;
  people.authenticate = ({ secret }) => {
    asked++;
    return people.revoked.has('eve')
      ? Promise.resolve(undefined)
      : secret === 'token-eve'
        ? eve
        : Promise.resolve(undefined);
  };
  for (let i = 0; i < 3; i++)
    expect((await call('GET', '/api/v1/demo/user', { as: 'eve' })).json).toMatchObject({ name: 'eve' });
  expect((await call('GET', '/api/v1/demo/look', { as: 'eve' })).status).toBe(403);
  people.revoked.add('eve');
  expect((await call('GET', '/api/v1/demo/user', { as: 'eve' })).status).toBe(401);
  expect(asked).toBe(5);
});
