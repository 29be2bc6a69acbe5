import type { ContractDef } from '@revenge/sdk';
import type { InstanceRef } from '../lifecycle/attribution.ts';

/** Labels in the order they were declared: a handle is bound once, then adds to a plain number. */
export interface BoundCounter {
  inc(by?: number): void;
}
export interface BoundGauge {
  set(value: number): void;
  inc(by?: number): void;
  dec(by?: number): void;
}
export interface BoundHistogram {
  observe(value: number): void;
}
export interface Family<Handle> {
  /** The same values answer the same handle; beyond `upTo` label sets a value folds into 'other'. Not for hot paths: keep what it gives. */
  bind(...values: readonly string[]): Handle;
}
export interface FamilyDef {
  /** Whole, with its prefix: 'revenge_http_requests_total'. */
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  readonly buckets?: readonly number[];
  /** Most label sets kept. Default 2,000. */
  readonly upTo?: number;
}
export interface Metrics {
  counter(def: FamilyDef): Family<BoundCounter>;
  gauge(def: FamilyDef): Family<BoundGauge>;
  histogram(def: FamilyDef): Family<BoundHistogram>;
  /** Read at scrape: for values that somebody else holds. */
  collect(def: FamilyDef, read: () => Iterable<readonly [values: readonly string[], value: number]>): void;
  /** ctx.metrics of one instance, each closed label set at 0 from the start. `end` drops its series. */
  forInstance(
    contract: ContractDef,
    ref: InstanceRef,
  ): { readonly handles: Readonly<Record<string, unknown>>; end(): void };
  /** The Prometheus text format. */
  exposition(): Promise<{ readonly type: string; readonly text: string }>;
}
