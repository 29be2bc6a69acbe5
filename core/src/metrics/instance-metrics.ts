import { type ContractDef, metricName, type MetricDef } from '@revenge/sdk';
import type { InstanceRef } from '../lifecycle/attribution.ts';
import type { PromMetrics } from './prom-metrics.ts';
import type { HistogramSeries, NumberSeries, SeriesSet } from './series.ts';

/** An instance's most label sets of one metric whose labels are capped, not closed. */
const MOST = 2_000;
type Labels = Readonly<Record<string, string>>;

/** ctx.metrics: what a contract declares, with `plugin_instance` added for plugins of many instances. */
export class InstanceMetrics {
  readonly handles: Readonly<Record<string, unknown>>;
  readonly #ends: (() => void)[] = [];

  constructor(metrics: PromMetrics, contract: ContractDef, ref: InstanceRef) {
    const many = contract.instances === 'many';
    this.handles = Object.fromEntries(
      Object.entries(contract.metrics ?? {}).map(([key, def]) => {
        const own = Object.keys(def.labels ?? {});
        const family = {
          name: metricName(contract.id, key, def),
          help: def.help,
          labels: many ? [...own, 'plugin_instance'] : own,
          upTo: MOST,
          ...(def.buckets && { buckets: def.buckets }),
        };
        const used: (readonly string[])[] = [];
        const scope: Scope = { own, fold: folding(def), tail: many ? [ref.instance] : [], used };
        const set = def.type === 'histogram' ? metrics.histograms(family) : metrics.numbers(family, def.type);
        for (const values of closedSets(def)) scoped(set as SeriesSet<unknown>, scope, values);
        if (many) this.#ends.push(() => used.forEach((values) => set.remove(values)));
        return [
          key,
          def.type === 'histogram'
            ? histogram(set as SeriesSet<HistogramSeries>, scope)
            : numbers(set as SeriesSet<NumberSeries>, scope, def),
        ];
      }),
    );
  }

  /** Drops the series of an instance of many; a single plugin's counters live as long as the process, as Prometheus wants them. */
  readonly end = (): void => {
    for (const end of this.#ends.splice(0)) end();
  };
}

interface Scope {
  readonly own: readonly string[];
  readonly fold: (name: string, value: string) => string;
  readonly tail: readonly string[];
  readonly used: (readonly string[])[];
}

/** Values beyond a label's cap become 'other'; values outside a closed set too, as only a cast can bring them here. */
function folding({ labels = {} }: MetricDef): (name: string, value: string) => string {
  const seen = new Map(Object.entries(labels).map(([name, of]) => [name, new Set('upTo' in of ? [] : of)] as const));
  return (name, value) => {
    const known = seen.get(name);
    const of = labels[name];
    if (!known || !of || known.has(value)) return value;
    if (!('upTo' in of) || known.size >= of.upTo) return 'other';
    known.add(value);
    return value;
  };
}

function* closedSets({ labels = {} }: MetricDef): Iterable<readonly string[]> {
  const sets = Object.values(labels).map((of) => ('upTo' in of ? undefined : of));
  if (sets.some((set) => set === undefined)) return;
  const walk = (i: number): string[][] =>
    i === sets.length ? [[]] : sets[i]!.flatMap((value) => walk(i + 1).map((rest) => [value, ...rest]));
  yield* walk(0);
}

function scoped<S>(set: SeriesSet<S>, { tail, used }: Scope, values: readonly string[]): S {
  const all = [...values, ...tail];
  const before = set.all.size;
  const series = set.at(all);
  if (tail.length && set.all.size > before) used.push(all);
  return series;
}

const pick = <S>(set: SeriesSet<S>, scope: Scope, labels: Labels): S =>
  scoped(
    set,
    scope,
    scope.own.map((name) => scope.fold(name, String(labels[name]))),
  );

function numbers(set: SeriesSet<NumberSeries>, scope: Scope, def: MetricDef): object {
  const counter = def.type === 'counter';
  const checked = (by: number): number => {
    if (!Number.isFinite(by) || (counter && by < 0))
      throw new RangeError(`${def.help}: a ${def.type} cannot take ${by}`);
    return by;
  };
  const bound = (series: NumberSeries) => ({
    inc: (by = 1) => series.inc(checked(by)),
    dec: (by = 1) => series.dec(checked(by)),
    set: (value: number) => series.set(checked(value)),
    bind: () => bound(series),
  });
  if (!scope.own.length) return bound(scoped(set, scope, []));
  return {
    inc: (labels: Labels, by = 1) => pick(set, scope, labels).inc(checked(by)),
    dec: (labels: Labels, by = 1) => pick(set, scope, labels).dec(checked(by)),
    set: (labels: Labels, value: number) => pick(set, scope, labels).set(checked(value)),
    bind: (labels: Labels) => bound(pick(set, scope, labels)),
  };
}

function histogram(set: SeriesSet<HistogramSeries>, scope: Scope): object {
  const bound = (series: HistogramSeries) => ({
    observe: (value: number) => series.observe(value),
    time: <T>(work: () => Promise<T>) => timed(series, work),
    bind: () => bound(series),
  });
  if (!scope.own.length) return bound(scoped(set, scope, []));
  return {
    observe: (labels: Labels, value: number) => pick(set, scope, labels).observe(value),
    time: <T>(labels: Labels, work: () => Promise<T>) => timed(pick(set, scope, labels), work),
    bind: (labels: Labels) => bound(pick(set, scope, labels)),
  };
}

async function timed<T>(series: HistogramSeries, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  try {
    return await work();
  } finally {
    series.observe((performance.now() - start) / 1_000);
  }
}
