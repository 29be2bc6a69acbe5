import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type AuthUnderTest, eventually, member, startAuth } from './start-auth.ts';

const FILMS = '0190a000-0000-7000-8000-000000000001';
const SERIES = '0190a000-0000-7000-8000-000000000002';
const NOBODY = '0190a000-0000-7000-8000-00000000000f';

let auth: AuthUnderTest;
let admin: string;
let bob: string;
beforeEach(async () => {
  auth = await startAuth();
  admin = (await member(auth, 'ada')).id;
  bob = (await member(auth, 'bob')).id;
});
afterEach(() => auth.stop());

const holds = (grant: string, id: string, node: Pick<AuthUnderTest, 'provides'> = auth) =>
  node.provides.authenticator.holds(bob, grant, id);
const view = { grant: 'library:view', resource_id: FILMS };

test('an administrator holds everything, another user what was granted, a stranger nothing', async () => {
  const { authenticator, grants } = auth.provides;
  await grants.grant({ user_id: bob, ...view });

  expect(await authenticator.holds(admin, 'library:view', SERIES)).toBe(true);
  expect(await authenticator.granted(admin, 'library:view')).toBe('*');
  expect(
    await Promise.all([holds('library:view', FILMS), holds('library:view', SERIES), holds('library:manage', FILMS)]),
  ).toEqual([true, false, false]);
  expect(await authenticator.granted(bob, 'library:view')).toEqual([FILMS]);
  expect(await authenticator.granted(NOBODY, 'library:view')).toEqual([]);
  expect(await authenticator.holds('no id', 'library:view', "x' or 1=1")).toBe(false);
});

test('a grant brings those it includes, and takes them with it', async () => {
  const { grants, authenticator } = auth.provides;
  const manage = { user_id: bob, grant: 'library:manage', resource_id: FILMS };
  await grants.grant({ ...manage, includes: ['library:download', 'library:view'] });
  expect(await Promise.all(['view', 'download', 'manage'].map((what) => holds(`library:${what}`, FILMS)))).toEqual([
    true,
    true,
    true,
  ]);
  expect(await authenticator.granted(bob, 'library:view')).toEqual([FILMS]);
  await grants.grant({ user_id: bob, ...view });
  expect(await grants.revoke(bob, 'library:manage', FILMS)).toBe(true);

  expect(await Promise.all(['view', 'download', 'manage'].map((what) => holds(`library:${what}`, FILMS)))).toEqual([
    true,
    false,
    false,
  ]);
  expect(await grants.revoke(bob, 'library:manage', FILMS)).toBe(false);
});

test('a grant on everything holds for what does not exist yet', async () => {
  await auth.provides.grants.grant({ user_id: bob, grant: 'library:view', resource_id: '*' });

  expect(await holds('library:view', SERIES)).toBe(true);
  expect(await auth.provides.authenticator.granted(bob, 'library:view')).toBe('*');
});

test('given twice it is one grant, listed with its id, and unknown users get none', async () => {
  const { grants } = auth.provides;
  const both = await Promise.all([1, 2].map(() => grants.grant({ user_id: bob, ...view })));
  const listed = await grants.list(FILMS);

  expect(both[0]).toEqual(both[1]);
  expect(listed).toEqual([both[0]]);
  expect(both[0]).toMatchObject({ user_id: bob, grant: 'library:view', resource_id: FILMS, includes: [] });
  expect(await Promise.all([grants.list(FILMS, bob), grants.list(FILMS, admin), grants.list(SERIES)])).toEqual([
    listed,
    [],
    [],
  ]);
  await expect(grants.grant({ user_id: NOBODY, ...view })).rejects.toMatchObject({ status: 404 });
});

test('what is granted and revoked on one node holds on the other', async () => {
  const other = await auth.another();
  expect(await holds('library:view', FILMS, other)).toBe(false);
  await auth.provides.grants.grant({ user_id: bob, ...view });
  const there = () => holds('library:view', FILMS, other);
  expect(await eventually(there, Boolean)).toBe(true);
  await auth.provides.grants.revokeAll(FILMS);

  expect(await holds('library:view', FILMS)).toBe(false);
  expect(await eventually(there, (held) => !held)).toBe(false);
});
