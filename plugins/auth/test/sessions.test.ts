import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type AuthUnderTest, eventually, member, signIn, startAuth } from './start-auth.ts';

let auth: AuthUnderTest;
let ada: { readonly id: string; readonly access: string; readonly refresh: string };
beforeEach(async () => {
  auth = await startAuth();
  ada = await member(auth, 'ada');
});
afterEach(() => auth.stop());

const refresh = (refresh_token: string) => auth.request('POST /auth/refresh', { body: { refresh_token } });
const status = async (token: string) => (await auth.request('GET /users/me', { token })).status;
const list = async (token: string) =>
  (await auth.request('GET /sessions', { token })).body.sessions as { id: string }[];

test('a refresh token stays good until its successor was used once', async () => {
  const first = await refresh(ada.refresh);
  const lostAnswer = await refresh(ada.refresh);
  const second = await refresh(first.body.refresh_token);

  expect([first.status, lostAnswer.status, second.status]).toEqual([200, 200, 200]);
  expect(await status(second.body.access_token)).toBe(200);
  expect(await list(ada.access)).toHaveLength(1);
});

test('two tabs that refresh at once end up with one token', async () => {
  const tabs = await Promise.all([refresh(ada.refresh), refresh(ada.refresh), refresh(ada.refresh)]);

  expect(tabs.map((tab) => tab.status)).toEqual([200, 200, 200]);
  expect(new Set(tabs.map((tab) => tab.body.refresh_token)).size).toBe(1);
});

test('a client that ignores new refresh tokens keeps working', async () => {
  for (let i = 0; i < 4; i++) expect((await refresh(ada.refresh)).status).toBe(200);
});

test('a refresh token used after its successor ends the session for everybody, and that is logged without the token', async () => {
  const { body: next } = await refresh(ada.refresh);
  const { body: last } = await refresh(next.refresh_token);
  const stolen = await refresh(ada.refresh);

  expect(stolen).toMatchObject({ status: 401, body: { code: 401 } });
  expect(await status(last.access_token)).toBe(401);
  expect((await refresh(last.refresh_token)).status).toBe(401);
  expect(auth.logs.filter(({ level }) => level === 'warn')).toMatchObject([
    { message: expect.stringContaining('used again'), fields: { user_id: ada.id } },
  ]);
  expect(JSON.stringify(auth.logs)).not.toContain(ada.refresh);
});

test('both paths of refreshing do the same, and a token that is none gets 401', async () => {
  const { body } = await auth.request('POST /sessions/refresh', { body: { refresh_token: ada.refresh } });
  const bad = await Promise.all(['x', '\0', ada.access.slice(0, 500), "' or 1=1 --"].map(refresh));

  expect((await refresh(body.refresh_token)).status).toBe(200);
  expect(bad.map((answer) => answer.status)).toEqual([401, 401, 401, 401]);
  expect((await refresh('')).status).toBe(422);
});

test('an expired refresh token is worth nothing, and neither is the session behind it', async () => {
  await auth.db.sql`update refresh_tokens set expires_at = now()`;
  expect((await refresh(ada.refresh)).status).toBe(401);
  await auth.db.sql`update sessions set expires_at = now()`;
  expect(await status(ada.access)).toBe(401);
});

test('sessions show where they are used, last used first, and which one is the own', async () => {
  await auth.request('POST /auth/login', {
    body: { username: 'ada', password: 'correct horse', device_name: 'Living room' },
    address: '10.0.0.9',
    agent: 'TV\0'.padEnd(900, 'x'),
  });
  const { body } = await auth.request('GET /sessions', { token: ada.access });
  const current = await auth.request('GET /sessions/current', { token: ada.access });

  expect(body.total).toBe(2);
  expect(body.sessions).toMatchObject([
    { device_name: 'Living room', ip_address: '10.0.0.9', is_current: false, is_active: true },
    { ip_address: '127.0.0.1', user_agent: 'jest', is_current: true },
  ]);
  expect(current.body).toEqual(body.sessions[1]);
});

test('of more than ten sessions the least recently used one leaves', async () => {
  for (let i = 0; i < 9; i++) await signIn(auth, 'ada');
  await auth.db.sql`update sessions set last_activity_at = now() - interval '1 hour'`;
  await refresh(ada.refresh);
  const ids = (await list(ada.access)).map(({ id }) => id);
  const fresh = await signIn(auth, 'ada');
  const after = (await list(fresh.access)).map(({ id }) => id);

  expect(ids).toHaveLength(10);
  expect(after).toHaveLength(10);
  expect(await status(ada.access)).toBe(200);
  expect(ids.filter((id) => !after.includes(id))).toHaveLength(1);
});

test('a dozen sign-ins at once all succeed and leave ten sessions', async () => {
  await Promise.all(Array.from({ length: 12 }, () => signIn(auth, 'ada')));
  expect(await auth.db.sql`select id from sessions`).toHaveLength(10);
});

test('logout ends the session at once, with or without an access token', async () => {
  const other = await signIn(auth, 'ada');
  const out = await auth.request('POST /auth/logout', { body: { refresh_token: ada.refresh } });
  const again = await auth.request('POST /auth/logout', { body: { refresh_token: ada.refresh } });
  const own = await auth.request('POST /auth/logout', { token: other.access, body: { refresh_token: 'forgotten' } });

  expect([out.status, again.status, own.status]).toEqual([204, 401, 204]);
  expect(await Promise.all([status(ada.access), status(other.access)])).toEqual([401, 401]);
  expect((await refresh(ada.refresh)).status).toBe(401);
});

test('logout of all ends every session of that user and of no other', async () => {
  const bob = await member(auth, 'bob');
  const other = await signIn(auth, 'ada');
  await auth.request('POST /auth/logout', { body: { refresh_token: ada.refresh, logout_all: true } });

  expect(await Promise.all([ada, other, bob].map(({ access }) => status(access)))).toEqual([401, 401, 200]);
});

test('a session is ended by its user alone', async () => {
  const bob = await member(auth, 'bob');
  const [mine] = await list(ada.access);
  const end = (token: string, sessionId: string) =>
    auth.request('DELETE /sessions/:sessionId', { token, params: { sessionId } });
  const byOther = await end(bob.access, mine?.id ?? '');
  const malformed = await end(ada.access, 'not-an-id');

  expect([byOther.status, malformed.status]).toEqual([404, 422]);
  expect(await status(ada.access)).toBe(200);
  expect((await end(ada.access, mine?.id ?? '')).status).toBe(204);
  expect(await status(ada.access)).toBe(401);
});

test('the own session and all sessions can be ended', async () => {
  const [one, two, three] = [await signIn(auth, 'ada'), await signIn(auth, 'ada'), await signIn(auth, 'ada')];
  expect((await auth.request('DELETE /sessions/current', { token: one.access })).status).toBe(204);
  expect(await Promise.all([one, two].map(({ access }) => status(access)))).toEqual([401, 200]);
  expect((await auth.request('DELETE /sessions', { token: two.access })).status).toBe(204);
  expect(await Promise.all([two, three, ada].map(({ access }) => status(access)))).toEqual([401, 401, 401]);
});

test('what ends is told with the ids, and the gauge equals the table', async () => {
  const [session] = await list(ada.access);
  await signIn(auth, 'ada');
  await auth.request('DELETE /sessions/current', { token: ada.access });
  const active = async () => (await auth.host.metrics())['revenge_sessions_active_total'];

  expect(auth.host.emitted.at(-1)).toEqual({
    name: 'sessionRevoked',
    payload: { user_id: ada.id, session_ids: [session?.id] },
  });
  expect(await eventually(active, (count) => count === 1)).toBe(1);
});

test('the purge removes what has expired and nothing else', async () => {
  const other = await signIn(auth, 'ada');
  const [, old] = await list(other.access);
  await auth.db.sql`update sessions set expires_at = now() where id = ${old?.id}`;
  await auth.host.runJob('purgeExpired');
  await auth.host.runJob('purgeExpired');

  expect(await auth.db.sql`select id from sessions`).toHaveLength(1);
  expect(await auth.db.sql`select session_id from refresh_tokens`).toHaveLength(1);
  expect(await status(other.access)).toBe(200);
});
