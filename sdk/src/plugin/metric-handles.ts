import type { Part } from '../contract/schema.ts';

/** A value for each label. */
export type LabelValues<L> = { readonly [K in keyof L]: L[K] extends readonly (infer V)[] ? V : string };
/** Labels first, where a metric has any. */
export type Labelled<L, A extends unknown[]> = [keyof L] extends [never] ? A : [labels: LabelValues<L>, ...A];
/** A number that only grows. */
export interface Counter<L> {
  inc(...a: Labelled<L, [by?: number]>): void;
  /** Pre-bound: ~10 ns a call instead of ~160. */ bind(l: LabelValues<L>): Counter<{}>;
}
/** A number that goes up and down. */
export interface Gauge<L> {
  set(...a: Labelled<L, [value: number]>): void;
  inc(...a: Labelled<L, [by?: number]>): void;
  dec(...a: Labelled<L, [by?: number]>): void;
  bind(l: LabelValues<L>): Gauge<{}>;
}
/** A distribution of values. */
export interface Histogram<L> {
  observe(...a: Labelled<L, [value: number]>): void;
  time<T>(...a: Labelled<L, [work: () => Promise<T>]>): Promise<T>;
  bind(l: LabelValues<L>): Histogram<{}>;
}
/** The handle of a metric by its declaration. */
export type Metric<D> = D extends { readonly type: 'counter' }
  ? Counter<Part<D, 'labels'>>
  : D extends { readonly type: 'gauge' }
    ? Gauge<Part<D, 'labels'>>
    : Histogram<Part<D, 'labels'>>;
