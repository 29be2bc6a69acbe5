import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Authenticator, event, type EventToken, type SseMessage } from '@revenge/sdk';
import { z } from 'zod';
import { until } from '../jobs/test-nodes.ts';
import { gate } from '../jobs/test-queues.ts';
import { emitter, testEvents, type TestEvents, user } from './test-events.ts';

const payload = z.object({ n: z.number(), owner: z.string().default('nobody'), library: z.string().default('none') });
const ForAdmins = event('library.log@1.0', { payload, delivery: 'live', audience: 'admins' });
const ForUsers = event('library.scanned@1.0', { payload, delivery: 'durable', audience: 'users' });
const ForOne = event('library.resumed@1.0', { payload, delivery: 'live', audience: { user: 'owner' } });
const ForLibrary = event('library.added@1.0', { payload, delivery: 'live', audience: { library: 'library' } });
const ForNobody = event('library.private@1.0', { payload, delivery: 'live' });
const Big = event('library.big@1.0', { payload: z.object({ text: z.string() }), delivery: 'live', audience: 'users' });
const asToken = (token: unknown): EventToken<unknown, unknown> => token as EventToken<unknown, unknown>; // the port's own

let cluster: TestEvents;
let ends: AbortController;
beforeEach(async () => {
  cluster = await testEvents();
  ends = new AbortController();
});
afterEach(async () => {
  ends.abort();
  await cluster.stop();
});

const collect = (stream: AsyncIterable<SseMessage<unknown>>): SseMessage<unknown>[] => {
  const seen: SseMessage<unknown>[] = [];
  void (async () => {
    for await (const message of stream) seen.push(message);
    seen.push({ data: 'end' });
  })();
  return seen;
};
const numbers = (seen: readonly SseMessage<unknown>[]): unknown[] =>
  seen.map(({ data }) => (data as { n?: number }).n ?? data);

test('each user sees what is meant for them, on every node, and nothing else', async () => {
  const granted: Authenticator['granted'] = async (id) => (id === 'root' ? '*' : id === 'ann' ? ['films'] : []);
  const authenticators = { current: () => ({ granted }) as Authenticator };
  const [a, b] = [await cluster.node(), await cluster.node({ authenticators })];
  const streams = {
    root: collect(b.events.stream(user('root', '*'), undefined, ends.signal)),
    ann: collect(b.events.stream(user('ann'), undefined, ends.signal)),
    bob: collect(b.events.stream(user('bob', ['movies:refresh']), undefined, ends.signal)),
  };
  await a.emit(ForAdmins, { n: 1 });
  await a.emit(ForUsers, { n: 2 });
  await a.emit(ForOne, { n: 3, owner: 'ann' });
  await a.emit(ForLibrary, { n: 4, library: 'films' });
  await a.emit(ForNobody, { n: 5 });
  await a.emit(ForUsers, { n: 6 });
  for (const seen of Object.values(streams)) await until('the last', () => numbers(seen).includes(6));
  expect(Object.fromEntries(Object.entries(streams).map(([name, seen]) => [name, numbers(seen)]))).toEqual({
    root: [1, 2, 4, 6],
    ann: [2, 3, 4, 6],
    bob: [2, 6],
  });
  expect(streams.bob[0]).toEqual({
    id: expect.any(String),
    event: 'library.scanned@1.0',
    data: { n: 2, owner: 'nobody', library: 'none' },
  });
});

test('a library event is in no stream while nobody can say who may see it', async () => {
  const { emit, events } = await cluster.node();
  const seen = collect(events.stream(user('ann'), undefined, ends.signal));
  await emit(ForLibrary, { n: 1, library: 'films' });
  await emit(ForUsers, { n: 2 });
  await until('the last', () => seen.length);
  expect(numbers(seen)).toEqual([2]);
});

test('fields that the schema does not declare are in no stream', async () => {
  const { emit, events } = await cluster.node();
  const seen = collect(events.stream(user('ann'), undefined, ends.signal));
  await emit(ForUsers, { n: 1, password: 'secret' });
  await until('it', () => seen.length);
  expect(JSON.stringify(seen)).not.toContain('secret');
});

test('Last-Event-ID goes on where it ended, on another node, also with what committed late', async () => {
  const [a, b] = [await cluster.node(), await cluster.node()];
  const first = collect(a.events.stream(user('ann'), undefined, ends.signal));
  await a.emit(ForUsers, { n: 1 });
  const [written, commit] = [gate(), gate()];
  const late = a.database.transaction(async (tx) => {
    await a.events.emit(emitter, asToken(ForUsers), { n: 2 }, tx);
    written.open();
    await commit.opened;
  });
  await written.opened;
  await a.emit(ForUsers, { n: 3 });
  await until('the third', () => numbers(first).includes(3));
  const seen = new Set(first.map(({ id }) => id));
  const { id } = first.at(-1)!;
  commit.open();
  await late;
  await a.emit(ForUsers, { n: 4 });
  const resumed = collect(b.events.stream(user('ann'), id, ends.signal));
  await b.emit(ForUsers, { n: 5 });
  await until('the fifth', () => numbers(resumed).includes(5));
  // At least once: while any transaction of the whole server is older, one that was seen comes again, under its id.
  expect(numbers(resumed.filter((message) => !seen.has(message.id)))).toEqual([2, 4, 5]);
});

test('an id that is none starts now', async () => {
  const { emit, events } = await cluster.node();
  const before = collect(events.stream(user('ann'), undefined, ends.signal));
  await emit(ForUsers, { n: 1 });
  await until('the first', () => before.length);
  const seen = collect(events.stream(user('ann'), `0' OR 1=1`, ends.signal));
  await emit(ForUsers, { n: 2 });
  await until('the second', () => seen.length);
  expect(numbers(seen)).toEqual([2]);
});

test('a client that does not read is dropped, not buffered without end', async () => {
  const { emit, events } = await cluster.node();
  const slow = events.stream(user('ann'), undefined, ends.signal)[Symbol.asyncIterator]();
  const quick = collect(events.stream(user('bob'), undefined, ends.signal));
  const first = slow.next();
  for (let n = 0; n < 600; n += 20)
    await Promise.all(Array.from({ length: 20 }, (_, m) => emit(ForUsers, { n: n + m })));
  await until('the quick one', () => quick.length === 600);
  expect((await first).done).toBe(false);
  let left = 0;
  while (!(await slow.next()).done) left++;
  expect(left).toBeLessThan(500);
});

test('a stream ends with its signal and with the server', async () => {
  const { events } = await cluster.node();
  const own = new AbortController();
  const one = collect(events.stream(user('ann'), undefined, own.signal));
  const other = collect(events.stream(user('ann'), undefined, ends.signal));
  own.abort();
  await until('the one', () => one.length);
  expect([numbers(one), other]).toEqual([['end'], []]);
  await events.stop();
  await until('the other', () => other.length);
});

test('a live event reaches the listeners of every node, also when it is longer than NOTIFY takes', async () => {
  const [a, b] = [await cluster.node(), await cluster.node()];
  const lengths: number[] = [];
  for (const { listen } of [a, b]) await listen(Big, ({ text }) => void lengths.push(text.length));
  const seen = collect(b.events.stream(user('ann'), undefined, ends.signal));
  for (const length of [10, 7_000, 100_000]) await a.emit(Big, { text: 'ä'.repeat(length) });
  await until('all', () => lengths.length === 6 && seen.length === 3);
  expect(lengths.toSorted((x, y) => x - y)).toEqual([10, 10, 7_000, 7_000, 100_000, 100_000]);
});

test('a live listener that throws is reported and keeps no other from hearing', async () => {
  const { listen, emit, failures } = await cluster.node();
  const heard: unknown[] = [];
  await listen(ForNobody, () => Promise.reject(new Error('broken')), 'one');
  await listen(ForNobody, ({ n }) => void heard.push(n), 'two');
  await emit(ForNobody, { n: 1 });
  await until('both', () => heard.length === 1 && failures.length === 1);
});
