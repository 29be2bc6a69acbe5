import type { ContractDef, MetricDef } from '../contract/contract.ts';
import { metricName } from './names.ts';

/** One metric as its documentation shows it. */
export interface MetricDoc {
  readonly name: string;
  readonly type: MetricDef['type'];
  readonly help: string;
  /** 'result: ok, failed', 'host: up to 20'. */
  readonly labels: readonly string[];
  readonly buckets?: readonly number[];
}

/** What a plugin exposes at /metrics, by name. */
export function metricDocs(c: ContractDef): readonly MetricDoc[] {
  const many = c.instances === 'many' ? ['plugin_instance'] : [];
  return Object.entries(c.metrics ?? {})
    .map(([key, metric]): MetricDoc => {
      const labels = Object.entries(metric.labels ?? {}).map(
        ([label, of]) => `${label}: ${'upTo' in of ? `up to ${of.upTo}` : of.join(', ')}`,
      );
      return {
        name: metricName(c.id, key, metric),
        type: metric.type,
        help: metric.help,
        labels: [...labels, ...many],
        ...(metric.buckets && { buckets: metric.buckets }),
      };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
