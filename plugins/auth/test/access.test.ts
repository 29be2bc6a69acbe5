import { createSecretKey, randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { decodeJwt, SignJWT, UnsecuredJWT } from 'jose';
import { loadKeys } from '../src/keys.ts';
import { type AuthUnderTest, eventually, member, signIn, startAuth } from './start-auth.ts';

let auth: AuthUnderTest;
let now: Date;
let ada: { readonly id: string; readonly access: string; readonly refresh: string };
beforeEach(async () => {
  now = new Date();
  auth = await startAuth({ now: () => now });
  ada = await member(auth, 'ada');
});
afterEach(() => auth.stop());

const shown = (secret: string, scheme: 'bearer' | 'api-key' = 'bearer') => ({
  scheme,
  secret,
  address: '::1',
  agent: '',
});
const who = (secret: string, node: Pick<AuthUnderTest, 'provides'> = auth) =>
  node.provides.authenticator.authenticate(shown(secret));
const logout = (refresh_token: string) => auth.request('POST /auth/logout', { body: { refresh_token } });

test('the identity of a token names user, session and permissions', async () => {
  const bob = await member(auth, 'bob');
  const sid = decodeJwt(ada.access)['sid'];

  expect(await who(ada.access)).toEqual({
    id: ada.id,
    name: 'ada',
    credential: { kind: 'session', id: sid },
    permissions: '*',
    languages: [],
  });
  expect(await who(bob.access)).toMatchObject({ name: 'bob', permissions: [] });
});

test('tokens that are foreign, unsigned, tampered with, expired, too long or no tokens at all let nobody in', async () => {
  const claims = decodeJwt(ada.access);
  const { kid, accessKey } = await loadKeys(auth.db);
  const stranger = createSecretKey(randomBytes(64));
  const made = (change: object = {}, header: object = {}, key = accessKey) =>
    new SignJWT({ ...claims, ...change }).setProtectedHeader({ alg: 'HS256', kid, typ: 'at+jwt', ...header }).sign(key);
  const [head = '', body = '', signature = ''] = ada.access.split('.');
  const withAdmin = Buffer.from(JSON.stringify({ ...claims, sub: '00000000-0000-7000-8000-000000000000' })).toString(
    'base64url',
  );
  const hostile = {
    none: new UnsecuredJWT(claims).encode(),
    noneInOurHeader: `${Buffer.from(JSON.stringify({ alg: 'none', kid, typ: 'at+jwt' })).toString('base64url')}.${body}.`,
    keyedByItsName: await made({}, {}, createSecretKey(Buffer.from(kid.repeat(4)))),
    otherAlgorithm: await made({}, { alg: 'HS512' }),
    otherKey: await made({}, {}, stranger),
    otherKid: await made({}, { kid: 'other' }),
    otherIssuer: await made({ iss: 'someone' }),
    otherType: await made({}, { typ: 'refresh+jwt' }),
    expired: await made({ exp: Math.floor(now.getTime() / 1000) - 1 }),
    withoutExpiry: await made({ exp: undefined }),
    withoutSession: await made({ sid: undefined }),
    sessionIsNoId: await made({ sid: "' or 1=1" }),
    unknownSession: await made({ sid: '00000000-0000-7000-8000-000000000000' }),
    otherUser: await made({ sub: '00000000-0000-7000-8000-000000000000' }),
    tamperedBody: `${head}.${withAdmin}.${signature}`,
    cutSignature: ada.access.slice(0, -5),
    huge: `${ada.access}${'a'.repeat(100_000)}`,
    empty: '',
    noise: '\0.\u{1f600}..',
    refreshToken: ada.refresh,
  };
  const accepted = [];
  for (const [name, token] of Object.entries(hostile)) if (await who(token)) accepted.push(name);

  expect(accepted).toEqual([]);
  expect(await who(await made())).toMatchObject({ name: 'ada' });
});

test('an access token is good for fifteen minutes, whether it was seen before or not', async () => {
  await who(ada.access);
  now = new Date(now.getTime() + 14.9 * 60_000);
  expect(await who(ada.access)).toBeDefined();
  now = new Date(now.getTime() + 0.2 * 60_000);
  expect(await who(ada.access)).toBeUndefined();
});

test('an API key and a cookie say nothing yet', async () => {
  expect(await auth.provides.authenticator.authenticate(shown(ada.access, 'api-key'))).toBeUndefined();
});

test('a token that every node has seen ends on all of them when its session does', async () => {
  const other = await auth.another();
  await Promise.all([who(ada.access), who(ada.access, other)]);
  await logout(ada.refresh);

  expect(await who(ada.access)).toBeUndefined();
  expect(
    await eventually(
      () => who(ada.access, other),
      (identity) => !identity,
    ),
  ).toBeUndefined();
});

test('a node that may miss events asks the database, and forgets what it kept when it hears again', async () => {
  const other = await auth.another();
  const second = await signIn(auth, 'ada');
  await Promise.all([who(ada.access, other), who(second.access, other)]);
  other.cable.cut();
  await logout(ada.refresh);
  expect(await who(ada.access, other)).toBeUndefined();
  await logout(second.refresh);
  other.cable.mend();

  expect(await who(second.access, other)).toBeUndefined();
});

test('when the real line was lost and is back, nothing that was kept before is believed', async () => {
  await who(ada.access);
  await auth.db.sql`delete from sessions`;
  expect(await who(ada.access)).toBeDefined();
  await auth.db.sql`select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = 'revenge bus' and datname = current_database()`;

  expect(
    await eventually(
      () => who(ada.access),
      (identity) => !identity,
    ),
  ).toBeUndefined();
});

test('a session that ends while its token is being looked up is not remembered as good', async () => {
  const looks = [];
  for (let i = 0; i < 20; i++) {
    const { access, refresh } = await signIn(auth, 'ada');
    const looking = who(access);
    await logout(refresh);
    await looking;
    looks.push(await who(access));
  }
  expect(looks).toEqual(Array(20).fill(undefined));
});

test('a disabled user is nobody, within a second and for links too', async () => {
  const bob = await member(auth, 'bob');
  const { identity } = auth.provides.authenticator;
  expect(await identity(bob.id)).toMatchObject({ name: 'bob', credential: { kind: 'link' } });
  await auth.db.transaction(async (tx) => {
    await tx.sql`update users set is_active = false where id = ${bob.id}`;
    await tx.events.accessChanged.emit({ user_id: bob.id });
  });

  const both = () => Promise.all([who(bob.access), identity(bob.id)]);
  expect(await eventually(both, (all) => !all.some(Boolean))).toEqual([undefined, undefined]);
});

test('a link made with a session ends with it, and one that names nobody is nobody', async () => {
  const sid = String(decodeJwt(ada.access)['sid']);
  const { identity } = auth.provides.authenticator;
  const before = await identity(ada.id, sid);
  await logout(ada.refresh);

  expect(before).toMatchObject({ id: ada.id, credential: { kind: 'link', id: sid } });
  expect(await Promise.all([identity(ada.id, sid), identity('x'), identity(ada.id, 'x')])).toEqual(
    Array(3).fill(undefined),
  );
  expect(await identity(ada.id)).toMatchObject({ id: ada.id });
});

test('keys are made once, the same on every node, and a short one stops the plugin', async () => {
  const both = await Promise.all([loadKeys(auth.db), loadKeys(auth.db)]);
  expect(both[0].kid).toBe(both[1].kid);
  await expect(auth.db.sql`update keys set material = ''`).rejects.toThrow(/check/);
  expect(JSON.stringify(auth.logs)).not.toContain('PRIVATE');
});

test('activity is written, not at each request but before the plugin stops', async () => {
  await auth.db.sql`update sessions set last_activity_at = now() - interval '1 day'`;
  const other = await auth.another();
  await who(ada.access, other);
  await other.running.stop?.();

  const rows = await auth.db.sql`select id from sessions where last_activity_at > now() - interval '1 minute'`;
  expect(rows).toHaveLength(1);
});
