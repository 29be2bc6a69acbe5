import { afterEach, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { NodeCaches } from '../../src/cache/node-caches.ts';
import { testDatabase, type TestDatabase, type TestNode, until } from '../jobs/test-nodes.ts';
import { gate } from '../jobs/test-queues.ts';

const owner = { plugin: 'radarr', instance: 'uhd' } as const;
let database: TestDatabase;
const started: NodeCaches[] = [];
beforeEach(async () => {
  database = await testDatabase([]);
});
afterEach(async () => {
  for (const caches of started.splice(0)) await caches.stop();
  await database.drop();
});

async function node(entries?: number): Promise<TestNode & { readonly caches: NodeCaches }> {
  const made = await database.node();
  const caches = new NodeCaches({ ...made, ...(entries === undefined ? {} : { entries }) });
  started.push(caches);
  return { ...made, caches };
}

test('what one instance keeps no other one sees, and closing frees it', async () => {
  const { caches } = await node();
  const one = caches.open(owner);
  const other = caches.open({ plugin: 'radarr', instance: 'main' });
  await one.set('key', { a: 1 }, '1m');
  expect([await one.get('key'), await other.get('key'), caches.sizes()]).toEqual([
    { a: 1 },
    undefined,
    { 'radarr:uhd': 1, radarr: 0 },
  ]);
  one.close();
  expect(caches.sizes()).toEqual({ radarr: 0 });
});

test('a delete and a set on one node drop the copies of the others, whatever the key is', async () => {
  const [a, b] = [await node(), await node()];
  const [here, there] = [a.caches.open(owner), b.caches.open(owner)];
  for (const key of ['plain', 'ключ с "quotes"\n', 'x'.repeat(9_000)]) {
    await there.wrap(key, '1m', async () => 'old');
    await here.delete(key);
    await until('the copy to go', async () => (await there.get(key)) === undefined);
    await there.wrap(key, '1m', async () => 'old');
    await here.set(key, 'new', '1m');
    await until('the copy to go', async () => (await there.get(key)) === undefined);
    expect(await here.get(key)).toBe('new');
  }
});

test('two thousand keys set at once travel in few messages and all arrive', async () => {
  const [a, b] = [await node(), await node()];
  const [here, there] = [a.caches.open(owner), b.caches.open(owner)];
  let messages = 0;
  b.bus.on('cache', () => void messages++);
  const keys = Array.from({ length: 2_000 }, (_, n) => `key ${n}`);
  for (const key of keys) await there.wrap(key, '1m', async () => 'old');
  await Promise.all(keys.map((key) => here.set(key, 'new', '1m')));
  await until('all to go', () => b.caches.sizes()['radarr:uhd'] === 0);
  expect(messages).toBeLessThan(50);
});

test('one load at a time serves all who wait, and a kept nothing is not loaded again', async () => {
  const { caches } = await node();
  const cache = caches.open(owner);
  for (const value of [undefined, null, 0, 'x']) {
    let loads = 0;
    const load = async (): Promise<unknown> => {
      loads++;
      await new Promise((done) => setTimeout(done, 5));
      return value;
    };
    const key = String(value);
    const all = await Promise.all(Array.from({ length: 20 }, () => cache.wrap(key, '1m', load)));
    expect([new Set(all).size, all[0], await cache.wrap(key, '1m', load), loads]).toEqual([1, value, value, 1]);
  }
});

test('a load that fails is kept for nobody, and the next one tries again', async () => {
  const { caches } = await node();
  const cache = caches.open(owner);
  const fail = (): Promise<string> => {
    throw new Error('at once');
  };
  const both = await Promise.allSettled([cache.wrap('k', '1m', fail), cache.wrap('k', '1m', fail)]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await cache.wrap('k', '1m', async () => 'well')).toBe('well');
});

test.each(['here', 'elsewhere', 'set', 'drop'] as const)(
  'a change %s during a load keeps what it read from being kept',
  async (where) => {
    const [a, b] = [await node(), await node()];
    const [here, there] = [a.caches.open(owner), b.caches.open(owner)];
    const [reading, answer] = [gate(), gate()];
    const stale = here.wrap('k', '1m', async () => {
      reading.open();
      await answer.opened;
      return 'stale';
    });
    await reading.opened;
    const heard = gate();
    a.bus.on('cache', () => heard.open());
    if (where === 'here') await here.delete('k');
    if (where === 'set') await here.set('k', 'newer', '1m');
    if (where === 'drop') a.caches.dropAll();
    if (where === 'elsewhere') {
      await there.delete('k');
      await heard.opened;
    }
    answer.open();
    expect(await stale).toBe('stale');
    expect(await here.wrap('k', '1m', async () => 'fresh')).toBe(where === 'set' ? 'newer' : 'fresh');
  },
);

test('nothing kept is answered while messages may be missed, nor after', async () => {
  const { caches, bus } = await node();
  const cache = caches.open(owner);
  await cache.wrap('k', '1m', async () => 'kept');
  // From another database: connections are cut, and none is let in.
  const url = new URL(database.url);
  const name = url.pathname.slice(1);
  const admin = new pg.Client({ connectionString: Object.assign(url, { pathname: '/postgres' }).href });
  await admin.connect();
  await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
  await admin.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}' AND application_name = 'revenge bus'`,
  );
  await until('the loss', () => !bus.connected);
  expect(await cache.get('k')).toBeUndefined();
  await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
  await admin.end();
  await until('the bus to be back', () => bus.connected);
  expect(await until('the drop', () => caches.sizes()['radarr:uhd'] === 0)).toBe(true);
});

test('a delete that could not be told is said to have failed, and told when the database is back', async () => {
  const [a, b] = [await node(), await node()];
  const [here, there] = [a.caches.open(owner), b.caches.open(owner)];
  await there.wrap('k', '1m', async () => 'old');
  const publish = a.bus.publish.bind(a.bus);
  // As if the database were away for this node alone.
  a.bus.publish = () => Promise.reject(new Error('no connection'));
  await expect(here.delete('k')).rejects.toThrow('no connection');
  a.bus.publish = publish;
  await until('the copy to go', async () => (await there.get('k')) === undefined);
});

test('hits, misses and sizes are counted, an expired entry is not', async () => {
  const { caches, metrics } = await node();
  const cache = caches.open(owner);
  await cache.set('a', 1, '20ms');
  await cache.get('a');
  await cache.get('b');
  await until('the expiry', async () => caches.sizes()['radarr:uhd'] === 0);
  for (let n = 0; n < 200; n++) await cache.get('a');
  const { text } = await metrics.exposition();
  expect(text).toContain('revenge_cache_hits_total{cache="radarr:uhd",layer="l1"} 1');
  expect(text).toContain('revenge_cache_misses_total{cache="radarr:uhd",layer="l1"} 201');
  expect(text).toContain('revenge_cache_size{cache="radarr:uhd"} 0');
  expect(text).toMatch(/revenge_cache_operation_duration_seconds_count\{.*operation="get".*\} [1-9]/);
});

test('a wrong duration is refused in words, and nothing is kept', async () => {
  const { caches } = await node();
  const cache = caches.open(owner);
  // What a plugin in plain JavaScript may write.
  await expect(cache.set('k', 1, 'soon' as '1s')).rejects.toThrow(/is no duration/);
  expect(await cache.get('k')).toBeUndefined();
});
