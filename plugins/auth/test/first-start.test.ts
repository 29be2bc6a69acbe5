import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { account, type AuthUnderTest, eventually, startAuth } from './start-auth.ts';

let auth: AuthUnderTest;
beforeEach(async () => {
  auth = await startAuth();
});
afterEach(() => auth.stop());

const code = (): string => auth.notices.get('setup')?.secret?.value ?? 'none';
const register = (call: object, body: object = {}) =>
  auth.request('POST /auth/register', { body: { ...account('ada'), ...body }, ...call });

test('before the first account the operator is told how to make it, and what the secret is called', () => {
  const notice = auth.notices.get('setup');

  expect(notice?.text).toContain(`curl ${auth.url}/auth/register`);
  expect(notice?.text).not.toContain(code());
  expect(notice?.secret).toEqual({
    name: 'setup-code',
    value: expect.stringMatching(/^([A-Z2-9]{5}-){3}[A-Z2-9]{5}$/),
  });
});

test.each([
  ['another address', { address: '192.168.1.7' }],
  ['another address, mapped', { address: '::ffff:192.168.1.7' }],
  ['a Host that is not loopback', { headers: { host: 'media.example:8096' } }],
  ['a Host that only begins like loopback', { headers: { host: 'localhost.evil.example' } }],
  ['Forwarded', { headers: { forwarded: 'for=127.0.0.1' } }],
  ['X-Forwarded-For', { headers: { 'x-forwarded-for': '127.0.0.1' } }],
  ['X-Forwarded-Proto', { headers: { 'x-forwarded-proto': 'https' } }],
  ['Via', { headers: { via: '1.1 proxy' } }],
  ['CF-Connecting-IP', { headers: { 'cf-connecting-ip': '127.0.0.1' } }],
  ['a page of another site', { headers: { origin: 'https://evil.example' } }],
])('the first registration needs the setup code when it comes with %s', async (_, call) => {
  const without = await register(call);
  const wrong = await register(call, { setup_code: 'AAAAA-AAAAA-AAAAA-AAAAA' });
  const right = await register(call, { setup_code: code().toLowerCase().replaceAll('-', ' ') });

  expect([without.status, wrong.status, right.status]).toEqual([403, 403, 201]);
  expect(right.body.is_admin).toBe(true);
});

test.each([
  ['IPv4', { address: '127.0.0.1', headers: { host: '127.0.0.1:8096' } }],
  ['IPv4 mapped into IPv6', { address: '::ffff:127.0.0.1' }],
  ['IPv6', { address: '::1', headers: { host: '[::1]:8096' } }],
  ['its own page', { headers: { origin: 'http://localhost:8096' } }],
])('from loopback over %s the first registration needs no code', async (_, call) => {
  expect((await register(call)).status).toBe(201);
});

test('a wrong code is refused on loopback too, and guessing it is limited', async () => {
  const tries = [];
  for (let i = 0; i < 11; i++) tries.push((await register({}, { setup_code: `guess ${i}` })).status);

  expect(tries).toEqual([...Array(10).fill(403), 429]);
});

test('several nodes show one code, it stays over a restart, and goes from all with the first account', async () => {
  const other = await auth.another();
  const shown = [auth, other].map((node) => node.notices.get('setup')?.secret?.value);
  await register({});
  await eventually(
    () => other.notices.size,
    (size) => size === 0,
  );
  const [row] = await auth.db.sql<{ code: string | null }>`select code from setup`;
  const after = await auth.another();

  expect(shown[0]).toBe(shown[1]);
  expect([auth, other, after].map((node) => node.notices.size)).toEqual([0, 0, 0]);
  expect(row).toEqual({ code: null });
});

test('a node that missed the event finds out by itself that the first account exists', async () => {
  const other = await auth.another();
  other.cable.cut();
  await register({});
  const info = await other.request('GET /server/info');

  expect(info.body).toEqual({ name: 'Revenge', first_account_needed: false, registration: 'open' });
  expect(other.notices.size).toBe(0);
});

test('anybody may read whether the first account is needed', async () => {
  const before = await auth.request('GET /server/info', { address: '192.168.1.7' });
  await register({});
  const after = await auth.request('GET /server/info');

  expect([before.body.first_account_needed, after.body.first_account_needed]).toEqual([true, false]);
});
