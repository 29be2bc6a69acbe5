import type { BoundCounter, BoundGauge, BoundHistogram } from './metrics.ts';

/** One line of the exposition: a plain number that a bound handle adds to without allocating. */
export class NumberSeries implements BoundCounter, BoundGauge {
  value = 0;
  constructor(readonly labels: Readonly<Record<string, string>>) {}
  inc(by = 1): void {
    this.value += by;
  }
  dec(by = 1): void {
    this.value -= by;
  }
  set(value: number): void {
    this.value = value;
  }
}

/** Counts per bucket, not cumulated until the scrape; the last slot is +Inf. */
export class HistogramSeries implements BoundHistogram {
  readonly counts: Float64Array;
  sum = 0;
  constructor(
    readonly labels: Readonly<Record<string, string>>,
    readonly bounds: readonly number[],
  ) {
    this.counts = new Float64Array(bounds.length + 1);
  }
  observe(value: number): void {
    let i = 0;
    while (i < this.bounds.length && value > this.bounds[i]!) i += 1; // ≤ 15 bounds: a search would cost more
    this.counts[i]! += 1;
    this.sum += value;
  }
}

/** The label sets of one metric. Beyond `upTo` of them, new values fold into one set of 'other', so that memory stays bounded. */
export class SeriesSet<S> {
  readonly #root = new Map<string, unknown>();
  readonly all = new Set<S>();
  constructor(
    readonly names: readonly string[],
    readonly upTo: number,
    readonly make: (labels: Readonly<Record<string, string>>) => S,
  ) {}

  at(values: readonly string[]): S {
    const found = this.#find(values);
    if (found) return found;
    if (this.all.size >= this.upTo && values.some((v) => v !== 'other')) return this.at(values.map(() => 'other'));
    const series = this.make(Object.fromEntries(this.names.map((name, i) => [name, String(values[i] ?? '')])));
    this.#put(values, series);
    this.all.add(series);
    return series;
  }

  remove(values: readonly string[]): void {
    const found = this.#find(values);
    if (!found) return;
    this.all.delete(found);
    this.#put(values, undefined);
  }

  // A tree of maps, one level a label: finding a series allocates no key.
  #find(values: readonly string[]): S | undefined {
    let at: unknown = this.#root;
    for (let i = 0; i < this.names.length; i += 1) {
      at = (at as Map<string, unknown>).get(String(values[i] ?? ''));
      if (at === undefined) return undefined;
    }
    return this.names.length ? (at as S) : (this.#root.get('') as S | undefined);
  }

  #put(values: readonly string[], series: S | undefined): void {
    let at = this.#root;
    const path = this.names.length ? this.names.map((_, i) => String(values[i] ?? '')) : [''];
    for (const value of path.slice(0, -1)) {
      let next = at.get(value) as Map<string, unknown> | undefined;
      if (!next) at.set(value, (next = new Map()));
      at = next;
    }
    if (series === undefined) at.delete(path.at(-1)!);
    else at.set(path.at(-1)!, series);
  }
}
