import { ContractError } from '../errors.ts';
import type { ContractDef, JobDef, MetricDef } from './contract.ts';
import { isCron, isDuration, type Report } from './formats.ts';
import { unknownKeys } from './known-keys.ts';
import { checkRoutes } from './validate-routes.ts';

const NAME = /^[a-z][A-Za-z0-9]*$/;
const TOKEN = /^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+@\d+\.\d+$/;
const PERMISSION = /^[a-z][a-zA-Z0-9_-]*(:[a-z][a-zA-Z0-9_-]*)?$/;
const LABEL = /^[a-z][a-z0-9_]*$/;

/**
 * What the compiler cannot see, or what a contract written in JavaScript never told it. Throws one ContractError that lists everything:
 * what, where, and how to mend it.
 */
export function validateContract(contract: ContractDef): void {
  const faults: string[] = [];
  const report: Report = (where, wrong, cure) => faults.push(`${where}: ${wrong}; ${cure}`);
  checkHead(contract, report);
  checkRoutes(contract, report);
  for (const [name, job] of Object.entries(contract.jobs ?? {})) checkJob(name, job, report);
  checkMetrics(contract, report);
  checkTokens(contract, report);
  for (const name of Object.keys(contract.permissions ?? {}))
    if (!PERMISSION.test(name))
      report(
        `permissions.${name}`,
        'not a permission',
        "write a name like 'sync' or a whole one like 'movies:refresh'",
      );
  unknownKeys(contract, report);
  if (faults.length) throw new ContractError(`contract ${String(contract.id)}:\n  ${faults.join('\n  ')}`);
}

function checkHead(c: ContractDef, report: Report): void {
  if (!/^[a-z][a-z0-9-]{1,30}$/.test(c.id))
    report('id', `'${c.id}' is no id`, 'use 2 to 31 lower case letters, digits and dashes, a letter first');
  if (!c.title) report('title', 'missing', 'give the name that people read');
  if (!/^[\^~>=<*\d]/.test(c.sdk ?? ''))
    report('sdk', `'${c.sdk}' is no version range`, "write the SDK you built against, as in '^1.0'");
  if (c.base !== undefined && c.base !== '' && !/^\/[^/]/.test(c.base))
    report('base', `'${c.base}' is no path`, "begin it with one slash, as in '/movies', or leave it empty");
  if (c.base?.endsWith('/') || c.base?.includes('//'))
    report('base', `'${c.base}' has an empty segment`, 'leave the extra slash out');
  if (c.instances === 'many' && c.provides && Object.keys(c.provides).length)
    report('provides', 'many instances cannot provide one service', "use instances: 'single' or an extension point");
  if (c.config && 'schema' in c.config) checkMigrations(c.config.version, c.config.migrate, report);
}

function checkMigrations(version: number, migrate: object, report: Report): void {
  if (!Number.isInteger(version) || version < 1)
    return report('config.version', `${version} is no version`, 'count from 1');
  for (let from = 1; from < version; from += 1)
    if (!(from in migrate))
      report(`config.migrate.${from}`, 'missing', `say how a config of version ${from} becomes one of ${from + 1}`);
  for (const from of Object.keys(migrate))
    if (Number(from) >= version || Number(from) < 1)
      report(`config.migrate.${from}`, `never runs at version ${version}`, 'raise version or remove it');
}

function checkJob(name: string, job: JobDef, report: Report): void {
  const at = `jobs.${name}`;
  if (!NAME.test(name)) report(at, 'not a name', "use camelCase, as in 'scanLibrary'");
  for (const [field, time] of [
    ['timeout', job.timeout],
    ['backoff', job.backoff?.[0]],
    ['backoff', job.backoff?.[1]],
  ] as const)
    if (time !== undefined && !isDuration(time))
      report(`${at}.${field}`, `'${time}' is no duration`, "write a number and a unit, as in '30s' or '10m'");
  if (typeof job.cron === 'string' && !isCron(job.cron))
    report(`${at}.cron`, `'${job.cron}' is no cron line`, "write five fields, as in '0 3 * * *'");
  for (const [field, least] of [
    ['retries', 0],
    ['concurrency', 1],
  ] as const) {
    const n = job[field];
    if (n !== undefined && (!Number.isInteger(n) || n < least))
      report(`${at}.${field}`, `${n} is too low or not whole`, `write a whole number from ${least}`);
  }
}

function checkMetrics(c: ContractDef, report: Report): void {
  for (const [name, metric] of Object.entries(c.metrics ?? {})) {
    const at = `metrics.${name}`;
    if (!NAME.test(name)) report(at, 'not a name', "use camelCase, as in 'syncTime'");
    if (!metric.help) report(`${at}.help`, 'missing', 'say in one line what it counts');
    if (metric.name !== undefined && !/^revenge_[a-z][a-z0-9_]*$/.test(metric.name))
      report(
        `${at}.name`,
        `'${metric.name}' is no metric name`,
        "begin it with 'revenge_', then lower case letters and _",
      );
    if (metric.buckets) checkBuckets(at, metric, report);
    for (const [label, values] of Object.entries(metric.labels ?? {}))
      checkLabel(`${at}.labels.${label}`, label, values, report);
  }
}

function checkBuckets(at: string, { type, buckets = [] }: MetricDef, report: Report): void {
  if (type !== 'histogram') report(`${at}.buckets`, `a ${type} has none`, "use type: 'histogram' or leave them out");
  if (!buckets.every((b, i) => Number.isFinite(b) && (i === 0 || b > (buckets[i - 1] ?? b))))
    report(`${at}.buckets`, 'not rising', 'list finite upper bounds from the smallest up');
}

function checkLabel(
  at: string,
  label: string,
  values: readonly string[] | { readonly upTo: number },
  report: Report,
): void {
  if (['instance', 'job', 'plugin_instance', 'le'].includes(label))
    report(at, `Prometheus or the kernel sets '${label}' itself`, 'give the label another name');
  else if (!LABEL.test(label)) report(at, 'not a label', 'use lower case letters, digits and _');
  if ('upTo' in values ? !(Number.isInteger(values.upTo) && values.upTo > 0) : !values.length)
    report(at, 'no values', "list them, as in ['ok', 'failed'], or cap them, as in { upTo: 20 }");
}

function checkTokens(c: ContractDef, report: Report): void {
  for (const [section, kinds] of Object.entries(TOKENS))
    for (const [name, token] of Object.entries(c[section as keyof typeof TOKENS] ?? {})) {
      const at = `${section}.${name}`;
      if (!kinds.includes((token as { kind?: string }).kind ?? ''))
        report(at, `not a ${kinds[0]} token`, `give what ${MAKERS[section as keyof typeof TOKENS]} returned`);
      else if (!TOKEN.test(token.id))
        report(at, `'${token.id}' is no token id`, "write 'owner.name@major.minor', as in 'library.movie-added@1.0'");
    }
  const provided = Object.values(c.provides ?? {}).map(({ id }) => id);
  for (const [name, need] of Object.entries(c.needs ?? {}))
    if (provided.includes(need.id)) report(`needs.${name}`, `it provides ${need.id} itself`, 'call your own code');
}
const TOKENS = {
  needs: ['service', 'optional'],
  provides: ['service'],
  hosts: ['point'],
  contributes: ['point', 'contribution'],
  emits: ['event'],
  listens: ['event'],
} as const satisfies Record<string, readonly string[]> as Record<
  'needs' | 'provides' | 'hosts' | 'contributes' | 'emits' | 'listens',
  readonly string[]
>; // widened, so that every kind may be looked for in every list
const MAKERS = {
  needs: 'service() or optional()',
  provides: 'service()',
  hosts: 'extensionPoint()',
  contributes: 'extensionPoint() or contribution()',
  emits: 'event()',
  listens: 'event()',
};
