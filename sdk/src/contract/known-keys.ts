import type { ContractDef, JobDef, MetricDef, RouteDef } from './contract.ts';
import type { Report } from './formats.ts';

/** Every key of `T`, so that a new one cannot be forgotten here: the compiler asks for it. */
type All<T> = Readonly<Record<keyof T, true>>;

const CONTRACT: All<ContractDef> = {
  id: true,
  title: true,
  description: true,
  sdk: true,
  instances: true,
  isolation: true,
  config: true,
  needs: true,
  provides: true,
  hosts: true,
  contributes: true,
  emits: true,
  listens: true,
  permissions: true,
  base: true,
  routes: true,
  jobs: true,
  metrics: true,
  database: true,
};
const ROUTE: All<RouteDef> = {
  access: true,
  signed: true,
  summary: true,
  description: true,
  tag: true,
  deprecated: true,
  params: true,
  query: true,
  body: true,
  maxBody: true,
  responses: true,
  cache: true,
  limit: true,
};
const JOB: All<JobDef> = {
  input: true,
  cron: true,
  retries: true,
  backoff: true,
  concurrency: true,
  timeout: true,
  unique: true,
};
const METRIC: All<MetricDef> = { type: true, name: true, help: true, unit: true, labels: true, buckets: true };

function check(where: string, value: object, known: object, report: Report): void {
  for (const key of Object.keys(value))
    if (!(key in known)) report(where + key, 'unknown', `known here: ${Object.keys(known).join(', ')}`);
}

/** A misspelt key is otherwise silently ignored where the compiler did not look. */
export function unknownKeys(c: ContractDef, report: Report): void {
  check('', c, CONTRACT, report);
  for (const [section, known] of [
    ['routes', ROUTE],
    ['jobs', JOB],
    ['metrics', METRIC],
  ] as const)
    for (const [name, value] of Object.entries(c[section] ?? {})) check(`${section}.${name}.`, value, known, report);
}
