import { expect, test } from '@jest/globals';
import { defineContract } from '@revenge/sdk';
import { PromMetrics } from './prom-metrics.ts';

const lines = async (metrics: PromMetrics, of: string) =>
  (await metrics.exposition()).text.split('\n').filter((line) => line.startsWith(of));

test('a histogram is exposed with cumulated buckets, sum and count', async () => {
  const metrics = new PromMetrics({ defaults: false });
  const took = metrics.histogram({ name: 'revenge_t_seconds', help: 'T', labels: ['op'], buckets: [1, 2] }).bind('get');
  for (const value of [0.5, 1, 1.5, 9]) took.observe(value);
  expect(await lines(metrics, 'revenge_t')).toEqual([
    'revenge_t_seconds_bucket{op="get",le="1"} 2',
    'revenge_t_seconds_bucket{op="get",le="2"} 3',
    'revenge_t_seconds_bucket{op="get",le="+Inf"} 4',
    'revenge_t_seconds_sum{op="get"} 12',
    'revenge_t_seconds_count{op="get"} 4',
  ]);
});

test('label sets beyond the cap fold into other', async () => {
  const metrics = new PromMetrics({ defaults: false });
  const family = metrics.counter({ name: 'revenge_c_total', help: 'C', labels: ['k'], upTo: 2 });
  for (const k of ['a', 'b', 'c', 'd']) family.bind(k).inc();
  expect(await lines(metrics, 'revenge_c')).toEqual([
    'revenge_c_total{k="a"} 1',
    'revenge_c_total{k="b"} 1',
    'revenge_c_total{k="other"} 2',
  ]);
});

test('one name asked for with other labels is refused', () => {
  const metrics = new PromMetrics({ defaults: false });
  metrics.counter({ name: 'revenge_c_total', help: 'C', labels: ['k'] });
  expect(() => metrics.counter({ name: 'revenge_c_total', help: 'C', labels: ['z'] })).toThrow(/revenge_c_total/);
});

const contract = defineContract({
  id: 'demo',
  title: 'Demo',
  sdk: '^1.0',
  instances: 'many',
  metrics: {
    runs: { type: 'counter', help: 'Runs', labels: { result: ['ok', 'failed'] } },
    hosts: { type: 'gauge', help: 'Hosts', labels: { host: { upTo: 1 } } },
  },
});
type Handles = Record<
  'runs' | 'hosts',
  { inc(labels: object, by?: number): void; set(labels: object, value: number): void }
>;

test("an instance's closed labels stand at zero from the start and go with it", async () => {
  const metrics = new PromMetrics({ defaults: false });
  const { handles, end } = metrics.forInstance(contract, { plugin: 'demo', instance: 'a' });
  (handles as Handles).runs.inc({ result: 'ok' }, 2);
  const names = (await lines(metrics, 'revenge_demo_runs')).map((line) => line.replace(/^\S*?\{/, '{'));
  expect(names).toEqual(['{result="ok",plugin_instance="a"} 2', '{result="failed",plugin_instance="a"} 0']);
  end();
  expect(await lines(metrics, 'revenge_demo_runs')).toEqual([]);
});

test('a capped label folds what comes beyond it, and a counter refuses to go down', async () => {
  const metrics = new PromMetrics({ defaults: false });
  const handles = metrics.forInstance(contract, { plugin: 'demo', instance: 'a' }).handles as Handles;
  handles.hosts.set({ host: 'one' }, 1);
  handles.hosts.set({ host: 'two' }, 5);
  expect((await lines(metrics, 'revenge_demo_hosts')).map((line) => line.replace(/^.*host="/, ''))).toEqual([
    'one",plugin_instance="a"} 1',
    'other",plugin_instance="a"} 5',
  ]);
  expect(() => handles.runs.inc({ result: 'ok' }, -1)).toThrow(RangeError);
});
