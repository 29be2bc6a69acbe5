import { expect, test } from '@jest/globals';
import { type ContractDef, optional, service } from '@revenge/sdk';
import { plan } from './plan.ts';

const A = service<{ a(): Promise<void> }>('a.a@1.2');
const B = service<{ b(): Promise<void> }>('b.b@1.0');
const contract = (id: string, more: Partial<ContractDef> = {}): ContractDef => ({
  id,
  title: id,
  sdk: '^1.0',
  ...more,
});
const single = (...ids: string[]) => ids.map((plugin) => ({ plugin, instance: 'main', enabled: true }));
const run = (contracts: ContractDef[], instances = single(...contracts.map((c) => c.id))) =>
  plan(contracts, instances, '1.0.0');
const why = (p: ReturnType<typeof plan>) => p.blocked.map(({ id, why }) => [id, why]);

test('providers start before who needs them, optional needs included', () => {
  const contracts = [
    contract('c', { needs: { b: optional(B) } }),
    contract('b', { provides: { b: B }, needs: { a: A } }),
    contract('a', { provides: { a: A } }),
  ];
  expect(run(contracts)).toEqual({ waves: [['a'], ['b'], ['c']], blocked: [] });
});

test('what lacks its provider is blocked with who waits for it, and the rest starts', () => {
  const p = run([
    contract('b', { provides: { b: B }, needs: { a: A } }),
    contract('c', { needs: { b: B } }),
    contract('d'),
  ]);
  expect(p.waves).toEqual([['d']]);
  expect(why(p)).toEqual([
    ['b', 'missing'],
    ['c', 'waits'],
  ]);
});

test('an older minor version of a service does not serve, a newer one does', () => {
  const older = service<{ a(): Promise<void> }>('a.a@1.1');
  expect(why(run([contract('a', { provides: { a: older } }), contract('b', { needs: { a: A } })]))).toEqual([
    ['b', 'version'],
  ]);
  expect(why(run([contract('a', { provides: { a: A } }), contract('b', { needs: { a: older } })]))).toEqual([]);
});

test('a cycle of needs is named and an optional one is broken', () => {
  const a = (kind: typeof optional | undefined) =>
    contract('a', { provides: { a: A }, needs: { b: kind ? kind(B) : B } });
  const b = contract('b', { provides: { b: B }, needs: { a: A } });
  expect(why(run([a(undefined), b]))).toEqual([
    ['a', 'cycle'],
    ['b', 'cycle'],
  ]);
  expect(run([a(optional), b]).waves).toEqual([['a'], ['b']]);
});

test('two plugins claiming a route, a service or a metric: the second is blocked', () => {
  const route = { access: 'public', responses: {} } as const;
  const p = run([
    contract('a', {
      base: '',
      routes: { 'GET /x/:id': route },
      provides: { a: A },
      metrics: { n: { type: 'counter', help: 'N', name: 'revenge_n_total' } },
    }),
    contract('b', { base: '', routes: { 'GET /x/:other': route } }),
    contract('c', { provides: { a: A } }),
    contract('d', { metrics: { n: { type: 'counter', help: 'N', name: 'revenge_n_total' } } }),
  ]);
  expect(why(p)).toEqual([
    ['c', 'conflict'],
    ['b', 'conflict'],
    ['d', 'conflict'],
  ]);
});

test('instances of one plugin have their own paths, share metrics, and may share a webhook', () => {
  const many = contract('r', {
    instances: 'many',
    routes: { 'GET /x': { access: 'user', responses: {} } },
    metrics: { n: { type: 'counter', help: 'N' } },
  });
  const hook = contract('h', {
    instances: 'many',
    base: '/h',
    routes: { 'POST /hook': { access: 'webhook', responses: {} } },
  });
  const instances = ['r', 'h'].flatMap((plugin) => ['a', 'b'].map((instance) => ({ plugin, instance, enabled: true })));
  expect(run([many, hook], instances)).toEqual({ waves: [['h:a', 'h:b', 'r:a', 'r:b']], blocked: [] });
});

test('an unknown plugin and an SDK range unmet are said in words, a disabled one is nothing', () => {
  const p = run(
    [contract('old', { sdk: '^0.9' }), contract('off')],
    [...single('old', 'ghost'), { plugin: 'off', instance: 'main', enabled: false }],
  );
  expect(p).toEqual({
    waves: [],
    blocked: [
      { id: 'old', why: 'sdk', text: 'old wants SDK ^0.9; this server has 1.0.0. Install a version made for it.' },
      { id: 'ghost', why: 'unknown-plugin', text: "No plugin 'ghost' is installed." },
    ],
  });
});
