import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { account, type AuthUnderTest, member, PASSWORD, startAuth } from './start-auth.ts';

let auth: AuthUnderTest;
beforeEach(async () => {
  auth = await startAuth();
});
afterEach(() => auth.stop());

const register = (body: object, call: object = {}) => auth.request('POST /auth/register', { body, ...call });

test('the first account is the administrator and the next ones are not', async () => {
  const first = await register({ ...account('ada'), display_name: 'Ada L.' });
  const second = await register(account('bob'));

  expect(first).toMatchObject({
    status: 201,
    body: { username: 'ada', email: 'ada@example.org', display_name: 'Ada L.', is_admin: true, is_active: true },
  });
  expect(second).toMatchObject({ status: 201, body: { username: 'bob', is_admin: false, email_verified: false } });
  expect(JSON.stringify([first, second])).not.toMatch(/token|password|argon2/);
});

test('of two first registrations at once exactly one is the administrator', async () => {
  const both = await Promise.all(['ada', 'bob', 'cyd', 'dan'].map((name) => register(account(name))));

  expect(both.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
  expect(both.filter(({ body }) => body.is_admin)).toHaveLength(1);
});

test('of two registrations of one name at once one is 201 and the other 409, whatever the case', async () => {
  await member(auth, 'ada');
  const same = await Promise.all([
    register(account('bob')),
    register({ ...account('BOB'), email: 'else@example.org' }),
  ]);
  const mail = await register({ ...account('carl'), email: 'ADA@example.org' });

  expect(same.map(({ status }) => status).sort()).toEqual([201, 409]);
  expect(mail).toMatchObject({
    status: 409,
    body: { code: 409, status: 409, message: 'This username or e-mail is taken.' },
  });
});

test('names, e-mails and passwords that are none are refused with the field', async () => {
  const bad = [
    { username: 'ab' },
    { username: 'a'.repeat(31) },
    { username: "x'; drop table users; --" },
    { username: 'nul\0' },
    { email: 'no mail' },
    { password: 'short' },
    { password: 'x'.repeat(257) },
    { display_name: 'nul\0' },
  ];
  for (const part of bad) {
    const { status, body } = await register({ ...account('ada'), ...part });
    expect({ status, path: body.errors[0].path }).toEqual({ status: 422, path: `body.${Object.keys(part)[0]}` });
  }
});

test('with registration closed the first account can still be made, and no other', async () => {
  const closed = await startAuth({ config: { registration: 'closed' } });
  const answers = await Promise.all(
    ['ada', 'bob'].map((name) => closed.request('POST /auth/register', { body: account(name) })),
  );
  const late = await closed.request('POST /auth/register', { body: account('carl') });

  expect(answers.map(({ status }) => status).sort()).toEqual([201, 403]);
  expect(answers.find(({ status }) => status === 201)?.body.is_admin).toBe(true);
  expect(late.status).toBe(403);
  await closed.stop();
});

test('a password is found again in whichever way its letters are composed', async () => {
  await register({ ...account('ada'), password: 'caf\u00e9 au lait' });
  const login = await auth.request('POST /auth/login', { body: { username: 'ada', password: 'cafe\u0301 au lait' } });
  const wrong = await auth.request('POST /auth/login', { body: { username: 'ada', password: PASSWORD } });

  expect([login.status, wrong.status]).toEqual([200, 401]);
});
