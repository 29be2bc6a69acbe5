import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type EventToken, event, GiveUp, NeedsAuth, NotReady } from '@revenge/sdk';
import pg from 'pg';
import { z } from 'zod';
import { Outbox } from '../../src/events/outbox.ts';
import { runningInstance } from '../../src/lifecycle/attribution.ts';
import { until } from '../jobs/test-nodes.ts';
import { gate } from '../jobs/test-queues.ts';
import { emitter, hearer, testEvents, type TestEvents } from './test-events.ts';

const Added = event('library.movie-added@1.2', {
  payload: z.object({ id: z.string(), n: z.number().default(0) }),
  delivery: 'durable',
  key: 'id',
});
/** As a plugin built against an earlier minor has it. */
const AddedBefore = { ...Added, id: 'library.movie-added@1.0' } as typeof Added;
const Plain = event('library.swept@1.0', { payload: z.object({ n: z.number() }), delivery: 'durable' });
const asToken = (token: unknown): EventToken<unknown, unknown> => token as EventToken<unknown, unknown>; // the port's own

let cluster: TestEvents;
beforeEach(async () => {
  cluster = await testEvents();
});
afterEach(() => cluster.stop());

test('a listener gets what was emitted, by its schema, as its instance, with the attempt and the time', async () => {
  const { listen, emit, events, metrics } = await cluster.node();
  const heard = gate<unknown[]>();
  await listen(AddedBefore, (payload, { attempt, occurredAt, signal, id }) =>
    heard.open([payload, attempt, occurredAt.getTime() <= Date.now(), signal.aborted, typeof id, runningInstance()]),
  );
  await emit(Added, { id: 'm1' });
  expect(await heard.opened).toEqual([{ id: 'm1', n: 0 }, 1, true, false, 'string', hearer]);
  await until('the outbox to be empty', async () => (await events.pending()) === 0);
  await until('the row to be trimmed', async () => !(await cluster.sql('SELECT 1 FROM core.outbox')).length);
  const { text } = await metrics.exposition();
  expect(text).toContain(
    'revenge_events_delivered_total{event="library.movie-added@1.2",listener="radarr:uhd heard"} 1',
  );
});

test('a payload that its schema refuses is not emitted, and one that nobody ever listened to is not kept', async () => {
  const { emit } = await cluster.node();
  await expect(emit(Added, { id: 7 })).rejects.toMatchObject({ status: 422 });
  await emit(Added, { id: 'm1' });
  expect(await cluster.sql('SELECT 1 FROM core.outbox')).toEqual([]);
});

test('an event leaves with its transaction, or never', async () => {
  const { listen, events, database } = await cluster.node();
  const heard: unknown[] = [];
  await listen(Plain, ({ n }) => void heard.push(n));
  const emit = (n: number, fail: boolean): Promise<void> =>
    database.transaction(async (tx) => {
      await events.emit(emitter, asToken(Plain), { n }, tx);
      if (fail) throw new Error('no');
    });
  await expect(emit(1, true)).rejects.toThrow('no');
  await emit(2, false);
  await until('the delivery', () => heard.length);
  expect([heard, await events.pending().then((n) => n <= 1)]).toEqual([[2], true]);
});

test('an event that commits after a later one is not skipped', async () => {
  const { listen, events, emit, database } = await cluster.node();
  const heard: unknown[] = [];
  await listen(Plain, ({ n }) => void heard.push(n));
  const [written, commit] = [gate(), gate()];
  const late = database.transaction(async (tx) => {
    await events.emit(emitter, asToken(Plain), { n: 1 }, tx);
    written.open();
    await commit.opened;
  });
  await written.opened;
  await emit(Plain, { n: 2 });
  await until('the second', () => heard.length === 1);
  commit.open();
  await late;
  await until('the first', () => heard.length === 2);
  expect(heard).toEqual([2, 1]);
});

test('on two nodes each event is delivered once, and in order within its key', async () => {
  const nodes = [await cluster.node(), await cluster.node()];
  const heard = new Map<string, number[]>();
  let atOnce = 0;
  for (const { listen } of nodes)
    await listen(Added, async ({ id, n }) => {
      atOnce++;
      await new Promise((done) => setTimeout(done, Math.random() * 4));
      heard.set(id, [...(heard.get(id) ?? []), n]);
      atOnce--;
    });
  for (let n = 0; n < 25; n++)
    await Promise.all(['a', 'b', 'c', 'd'].map((id, at) => nodes[(n + at) % 2]!.emit(Added, { id, n })));
  await until('everything', async () => (await nodes[0]!.events.pending()) === 0);
  const inOrder = Array.from({ length: 25 }, (_, n) => n);
  expect([Object.fromEntries(heard), atOnce]).toEqual([{ a: inOrder, b: inOrder, c: inOrder, d: inOrder }, 0]);
});

test('an event that fails holds back its own key alone, and order holds after its retry', async () => {
  const { listen, emit, failures, events } = await cluster.node({ timing: { backoffMs: [150, 150] } });
  const heard: string[] = [];
  let failed = 0;
  await listen(Added, ({ id, n }, { attempt }) => {
    if (id === 'bad' && n === 1 && attempt < 3) throw new Error(`fails ${++failed}`);
    heard.push(`${id}${n}`);
  });
  for (const n of [1, 2]) for (const id of ['bad', 'good']) await emit(Added, { id, n });
  await until('the good ones', () => heard.length === 2);
  expect(heard).toEqual(['good1', 'good2']);
  await until('all', async () => (await events.pending()) === 0);
  expect(heard).toEqual(['good1', 'good2', 'bad1', 'bad2']);
  expect(failures).toHaveLength(2);
});

test('after its attempts an event is a dead letter, its key goes on, and a replay comes before what is later', async () => {
  const { listen, emit, events, metrics } = await cluster.node({ timing: { backoffMs: [5, 5], attempts: 2 } });
  const heard: number[] = [];
  let works = false;
  const stop = await listen(Added, ({ n }) => {
    if (n === 1 && !works) throw new Error('the listener is broken');
    heard.push(n);
  });
  await emit(Added, { id: 'm', n: 1 });
  await emit(Added, { id: 'm', n: 2 });
  await until('the second', () => heard.length);
  const [letter, ...others] = await events.deadLetters({ limit: 10 });
  expect([letter?.event, letter?.listener, letter?.payload, letter?.attempts, letter?.error, others]).toEqual([
    'library.movie-added@1.2',
    'radarr:uhd heard',
    { id: 'm', n: 1 },
    2,
    'Error: the listener is broken',
    [],
  ]);
  expect((await metrics.exposition()).text).toMatch(/revenge_events_dead_total\{.*\} 1/);
  await stop();
  works = true;
  await emit(Added, { id: 'm', n: 3 });
  expect([await events.replay(letter!.id), await events.replay(letter!.id), await events.replay('x')]).toEqual([
    true,
    false,
    false,
  ]);
  await listen(Added, ({ n }) => void heard.push(n));
  await until('all', async () => (await events.pending()) === 0);
  expect(heard).toEqual([2, 1, 3]);
});

test('GiveUp and a payload the listener cannot read are dead at once; NotReady and NeedsAuth use up no attempt', async () => {
  const { listen, emit, events } = await cluster.node({ timing: { attempts: 1 } });
  const strict = { ...Plain, payload: z.object({ n: z.number().max(5) }) } as typeof Plain;
  const heard: unknown[] = [];
  const seen = new Set<number>();
  const handle = ({ n }: { n: number }, { attempt }: { attempt: number }): void => {
    const first = !seen.has(n);
    seen.add(n);
    if (n === 1) throw new GiveUp('never');
    if (n === 2 && first) throw new NotReady('soon', '20ms');
    if (n === 3 && first) throw new NeedsAuth('sign in');
    heard.push([n, attempt]);
  };
  const stop = await listen(strict, handle);
  for (const n of [1, 2, 3, 9]) await emit(Plain, { n });
  await until('two letters', async () => (await events.deadLetters({ limit: 10 })).length === 2);
  // The handler has returned before its delivery is written off.
  await until('only the third waits', async () => (await events.pending()) === 1);
  expect(heard).toEqual([[2, 1]]);
  await stop();
  await listen(strict, handle);
  await until('the third', () => heard.length === 2);
  expect(heard).toEqual([
    [2, 1],
    [3, 1],
  ]);
});

test('what was emitted while an instance was down is delivered when it listens again', async () => {
  const { listen, emit } = await cluster.node();
  await (
    await listen(Added, () => undefined)
  )();
  for (const n of [1, 2]) await emit(Added, { id: 'm', n });
  const heard: number[] = [];
  await listen(Added, ({ n }) => void heard.push(n));
  await until('both', () => heard.length === 2);
  expect(heard).toEqual([1, 2]);
});

test('a delivery whose process was killed is delivered by another node once its lease ended', async () => {
  const file = fileURLToPath(new URL('./killed-node.mjs', import.meta.url));
  const child = fork(file, [cluster.url], { execArgv: ['--import', 'tsx'] });
  const { listen, emit } = await cluster.node();
  const heard: unknown[] = [];
  try {
    await once(child, 'message');
    await emit(Added, { id: 'm', n: 2 });
    await listen(Added, ({ n }, { attempt }) => void heard.push([n, attempt]));
  } finally {
    child.kill('SIGKILL');
  }
  await until('both', () => heard.length === 2);
  expect(heard).toEqual([
    [1, 2],
    [2, 1],
  ]);
});

test('a listener that never answers is told to, failed, and named', async () => {
  const { listen, emit, events, failures } = await cluster.node({
    timing: { timeoutMs: 40, graceMs: 40, attempts: 1 },
  });
  await listen(Added, () => new Promise<void>(() => undefined));
  await emit(Added, { id: 'm' });
  await until('the letter', async () => (await events.deadLetters({ limit: 1 })).length);
  expect((failures[0] as Error).message).toMatch(/radarr:uhd heard: did not answer within .* ignored its signal/);
});

test('delivery goes on by itself after all connections were cut', async () => {
  const { listen, emit, bus } = await cluster.node();
  const heard: number[] = [];
  await listen(Plain, ({ n }) => void heard.push(n));
  const killer = new pg.Client({ connectionString: cluster.url });
  killer.on('error', () => undefined);
  await killer.connect();
  await killer.query(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()',
  );
  await killer.end();
  await until('the bus to be back', () => bus.connected);
  await until('an emit', () =>
    emit(Plain, { n: 1 }).then(
      () => true,
      () => false,
    ),
  );
  await until('its delivery', () => heard.length);
  expect(heard).toEqual([1]);
});

test('a listener gone for a month is forgotten with what waits for it, and no event outlives its deliveries', async () => {
  const { listen, emit, events, database } = await cluster.node();
  await (
    await listen(Added, () => undefined, 'gone')
  )();
  const stop = await listen(Added, () => undefined, 'here');
  await stop();
  await emit(Added, { id: 'm' });
  expect(await events.pending()).toBe(2);
  await cluster.sql(`UPDATE core.listeners SET seen_at = now() - interval '31 days'`);
  await cluster.sql(`UPDATE core.outbox SET occurred_at = now() - interval '1 hour'`);
  const outbox = new Outbox(database);
  await outbox.trim(['radarr:uhd here'], { listeners: 30, letters: 90 });
  expect(await cluster.sql('SELECT listener FROM core.deliveries')).toEqual([{ listener: 'radarr:uhd here' }]);
  await cluster.sql('DELETE FROM core.deliveries');
  await outbox.trim([], { listeners: 30, letters: 90 });
  expect(await cluster.sql('SELECT 1 FROM core.outbox')).toEqual([]);
});
