import { request } from 'node:http';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { account, type AuthUnderTest, PASSWORD, startAuth } from './start-auth.ts';

let auth: AuthUnderTest;
beforeEach(async () => {
  auth = await startAuth();
});
afterEach(() => auth.stop());

interface Answer {
  readonly status: number;
  readonly type: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- a test reads what it knows is there
  readonly body: any;
}
async function call(
  method: string,
  path: string,
  init: { readonly token?: string; readonly json?: object; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<Answer> {
  const res = await fetch(auth.url + path, {
    method,
    headers: {
      ...(init.token !== undefined && { authorization: `Bearer ${init.token}` }),
      ...(init.json && { 'content-type': 'application/json' }),
      ...init.headers,
    },
    ...(init.json && { body: JSON.stringify(init.json) }),
  });
  const text = await res.text();
  return { status: res.status, type: res.headers.get('content-type') ?? '', body: text ? JSON.parse(text) : undefined };
}
/** fetch sets Host itself. */
const registerAt = (host: string): Promise<number> =>
  new Promise((done, failed) => {
    const headers = { host, 'content-type': 'application/json' };
    const req = request(`${auth.url}/auth/register`, { method: 'POST', headers }, (res) => {
      res.resume();
      done(res.statusCode ?? 0);
    });
    req.on('error', failed);
    req.end(JSON.stringify(account('ada')));
  });
const register = (name: string, init: object = {}) => call('POST', '/auth/register', { json: account(name), ...init });
const login = async (username: string) =>
  (await call('POST', '/auth/login', { json: { username, password: PASSWORD } })).body;

test('from the first account to the end of its session everything goes over HTTP', async () => {
  const registered = await register('ada');
  const { access_token, refresh_token } = await login('ada');
  const me = await call('GET', '/users/me', { token: access_token });
  const refreshed = await call('POST', '/auth/refresh', { json: { refresh_token } });
  const sessions = await call('GET', '/sessions', { token: refreshed.body.access_token });
  const out = await call('POST', '/auth/logout', { json: { refresh_token: refreshed.body.refresh_token } });
  const after = await call('GET', '/users/me', { token: access_token });

  expect(registered).toMatchObject({ status: 201, body: { username: 'ada', is_admin: true } });
  expect(me).toMatchObject({ status: 200, body: { username: 'ada' } });
  expect(sessions.body).toMatchObject({
    total: 1,
    sessions: [{ is_current: true, ip_address: expect.stringMatching(/127\.0\.0\.1|::1/) }],
  });
  expect([refreshed.status, out.status, after.status]).toEqual([200, 204, 401]);
});

test('no field beyond the declared ones leaves, and no answer holds a hash', async () => {
  const { body } = await register('ada');
  const signedIn = await login('ada');

  expect(Object.keys(body).sort()).toEqual([
    'created_at',
    'email',
    'email_verified',
    'id',
    'is_active',
    'is_admin',
    'username',
  ]);
  expect(JSON.stringify([body, signedIn])).not.toMatch(/argon2|password|deleted/);
});

test('a request that was passed on, or that calls this machine by another name, cannot make the first account', async () => {
  const passedOn = await register('ada', { headers: { 'x-forwarded-for': '127.0.0.1' } });
  const byName = await registerAt('media.example');
  const info = await call('GET', '/server/info');

  expect([passedOn.status, byName]).toEqual([403, 403]);
  expect(info).toMatchObject({ status: 200, body: { first_account_needed: true } });
});

test('without a good token every private route is 401 and a problem, whatever the token is', async () => {
  await register('ada');
  const { access_token } = await login('ada');
  const tokens = ['x', 'a.b.c', `${access_token}x`, access_token.slice(1), `${'a'.repeat(8_000)}`, "' or 1=1 --"];
  const routes = [
    ['GET', '/users/me'],
    ['GET', '/sessions'],
    ['GET', '/sessions/current'],
    ['DELETE', '/sessions'],
    ['POST', '/auth/change-password'],
  ] as const;
  for (const [method, path] of routes)
    for (const token of [undefined, ...tokens]) {
      const answer = await call(method, path, {
        ...(token !== undefined && { token }),
        ...(method === 'POST' && { json: {} }),
      });
      expect({ status: answer.status, code: answer.body.code, type: answer.type.split(';')[0] }).toEqual({
        status: 401,
        code: 401,
        type: 'application/problem+json',
      });
    }
});

test('a bad token does not keep anybody from what is public', async () => {
  expect((await call('GET', '/server/info', { token: 'worn out' })).status).toBe(200);
});

test('bad input is 4xx with its field, never 500', async () => {
  await register('ada');
  const { access_token: token } = await login('ada');
  const bad = await Promise.all([
    call('POST', '/auth/register', { json: { ...account('bob'), username: 'b' } }),
    call('POST', '/auth/login', { json: {} }),
    call('POST', '/auth/login', { json: { username: 'nul\0', password: '\0' } }),
    call('POST', '/auth/refresh', { json: { refresh_token: 7 } }),
    call('DELETE', '/sessions/not-an-id', { token }),
    call('DELETE', '/sessions/0190a000-0000-7000-8000-000000000001', { token }),
    call('POST', '/auth/register', { headers: { 'content-type': 'application/json' } }),
  ]);

  expect(bad.map(({ status }) => (status === 400 ? 422 : status))).toEqual([422, 422, 422, 422, 422, 404, 422]);
  expect(bad[0]?.body.errors[0].path).toMatch(/username/);
});
