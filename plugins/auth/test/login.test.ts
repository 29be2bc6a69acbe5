import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type AuthUnderTest, member, PASSWORD, startAuth } from './start-auth.ts';

let auth: AuthUnderTest;
beforeEach(async () => {
  auth = await startAuth();
  await member(auth, 'ada');
});
afterEach(() => auth.stop());

const login = (username: string, password = PASSWORD, call: object = {}) =>
  auth.request('POST /auth/login', { body: { username, password }, ...call });

test('username and e-mail both sign in, whatever their case, and the token says who calls', async () => {
  const byName = await login('ADA');
  const byMail = await login('Ada@Example.org');
  const me = await auth.request('GET /users/me', { token: byMail.body.access_token });

  expect([byName.status, byMail.status]).toEqual([200, 200]);
  expect(byName.body).toMatchObject({ expires_in: 900, user: { username: 'ada', is_admin: true } });
  expect(byName.body.refresh_token).toMatch(/^[\w-]{43}$/);
  expect(me).toMatchObject({ status: 200, body: { username: 'ada', last_login_at: expect.any(String) } });
});

test('an unknown name, a wrong password and a disabled account get the very same answer', async () => {
  await member(auth, 'bob');
  await auth.db.sql`update users set is_active = false where username = 'bob'`;
  const answers = [
    await login('nobody'),
    await login('ada', 'wrong password'),
    await login('bob'),
    await login('nul\0'),
  ];

  expect(answers.map(({ status, body }) => ({ status, message: body.message }))).toEqual(
    answers.map(() => ({ status: 401, message: 'Wrong username or password.' })),
  );
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
});

test('five failures lock the account for that network alone, known or not', async () => {
  const address = '2001:db8:1:2::7';
  const statuses = async (name: string) => {
    const all = [];
    for (let i = 0; i < 6; i++) all.push((await login(name, 'wrong password', { address })).status);
    return all;
  };
  const locked = [401, 401, 401, 401, 401, 429];

  expect(await statuses('ada')).toEqual(locked);
  expect(await statuses('nobody')).toEqual(locked);
  const neighbour = await login('ADA', PASSWORD, { address: '2001:db8:1:2:aaaa::1' });
  const byMail = await login('ada@example.org', PASSWORD, { address });
  const elsewhere = await login('ada', PASSWORD, { address: '2001:db8:1:3::7' });
  expect(neighbour).toMatchObject({ status: 429, headers: { 'retry-after': '900' } });
  expect(byMail.status).toBe(401);
  expect(elsewhere.status).toBe(200);
});

test('a success takes the failures back', async () => {
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 4; i++) await login('ada', 'wrong password');
    expect((await login('ada')).status).toBe(200);
  }
});

test('more sign-ins than may wait are told to come again, and none of them is told that the password is wrong', async () => {
  const answers = await Promise.all(Array.from({ length: 90 }, (_, i) => login(`nobody${i}`)));
  const busy = answers.filter(({ status }) => status === 503);

  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401, 503]));
  expect(busy[0]?.headers).toMatchObject({ 'retry-after': '5' });
});

test('each attempt is counted by how it ended', async () => {
  await login('ada', 'wrong password');
  await login('ada');

  const counts = await auth.host.metrics();
  const attempts = (method: string, status: string) =>
    counts[`revenge_auth_attempts_total{method="${method}",status="${status}"}`];
  expect([attempts('register', 'success'), attempts('login', 'success'), attempts('login', 'failure')]).toEqual([
    1, 2, 1,
  ]);
  expect(attempts('passkey', 'failure')).toBe(0);
});

test('a new password ends the other sessions and needs the old one', async () => {
  const mine = (await login('ada')).body.access_token;
  const other = (await login('ada')).body.access_token;
  const change = (old_password: string) =>
    auth.request('POST /auth/change-password', { token: mine, body: { old_password, new_password: 'another horse' } });
  const wrong = await change('wrong password');
  const right = await change(PASSWORD);

  expect([wrong.status, right.status]).toEqual([400, 204]);
  expect((await auth.request('GET /users/me', { token: mine })).status).toBe(200);
  expect((await auth.request('GET /users/me', { token: other })).status).toBe(401);
  expect((await login('ada')).status).toBe(401);
  expect((await login('ada', 'another horse')).status).toBe(200);
});

test('guessing the old password is limited', async () => {
  const token = (await login('ada')).body.access_token;
  const tries = [];
  for (let i = 0; i < 6; i++) {
    const body = { old_password: `guess ${i}`, new_password: 'another horse' };
    tries.push((await auth.request('POST /auth/change-password', { token, body })).status);
  }

  expect(tries).toEqual([400, 400, 400, 400, 400, 429]);
});
