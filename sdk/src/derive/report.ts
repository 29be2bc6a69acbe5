import type { Access, ContractDef, JobDef } from '../contract/contract.ts';
import { configForm } from './config-form.ts';
import { english } from './json-schema.ts';
import { metricDocs } from './metric-docs.ts';
import { permissionId, routePath } from './names.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|').replace(/\s+/g, ' ').trim();

function table(title: string, head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (!rows.length) return [];
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return ['', `## ${title}`, '', line(head), line(head.map(() => '---')), ...rows.map(line)];
}

function access(c: ContractDef, a: Access): string {
  if (typeof a === 'string') return a;
  return 'permission' in a ? `\`${permissionId(c.id, a.permission)}\`` : `grant \`${a.grant}\` on \`${a.of}\``;
}

function routes(c: ContractDef): string[][] {
  return Object.entries(c.routes ?? {}).map(([key, r]) => [
    `\`${routePath(c, key, ':instance')}\``,
    access(c, r.access) + (r.signed ? ', signed link' : ''),
    Object.keys(r.responses).join(', '),
    r.limit ?? '',
    r.summary ?? '',
  ]);
}

const cron = (job: JobDef): string =>
  job.cron === undefined ? '' : typeof job.cron === 'string' ? `\`${job.cron}\`` : `by setting \`${job.cron.config}\``;

function tokens(c: ContractDef): string[][] {
  const row = (relation: string, of: object = {}): string[][] =>
    Object.values(of).map((t: { id: string; kind: string; delivery?: string }) => [
      relation + (t.kind === 'optional' ? ' (optional)' : ''),
      `\`${t.id}\``,
      t.delivery ?? '',
    ]);
  return [
    ...row('needs', c.needs),
    ...row('provides', c.provides),
    ...row('hosts', c.hosts),
    ...row('contributes', c.contributes),
    ...row('emits', c.emits),
    ...row('listens', c.listens),
  ];
}

function settings(c: ContractDef): string[][] {
  return configForm(c).fields.map((f) => [
    `\`${f.name}\``,
    `\`${f.env}\``,
    f.flag ? `\`${f.flag}\`` : '',
    [f.secret && 'secret', f.required && 'required'].filter(Boolean).join(', '),
    f.schema.default === undefined ? '' : `\`${JSON.stringify(f.schema.default)}\``,
    f.description ?? '',
  ]);
}

/** The public surface of a plugin as markdown: `contract.api.md`, which is kept in git and compared in CI. */
export function report(c: ContractDef): string {
  const jobs = Object.entries(c.jobs ?? {}).map(([name, job]) => [
    `\`${name}\``,
    cron(job),
    String(job.retries ?? 3),
    String(job.concurrency ?? 1),
    job.timeout ?? '',
    job.unique ? 'yes' : '',
  ]);
  const metrics = metricDocs(c).map((m) => [`\`${m.name}\``, m.type, m.labels.join('; '), m.help]);
  const permissions = Object.entries(c.permissions ?? {}).map(([n, t]) => [`\`${permissionId(c.id, n)}\``, english(t)]);
  const { instances = 'single', isolation = 'inline', sdk, database } = c;
  return [
    `# ${english(c.title)} (\`${c.id}\`)`,
    '',
    'Generated from its contract by `npm run check:contracts -- --write`; do not edit.',
    '',
    `SDK \`${sdk}\` · instances: ${instances} · isolation: ${isolation} · database: ${database ? 'own schema' : 'none'}`,
    ...table('Routes', ['route', 'access', 'answers', 'limit', 'summary'], routes(c)),
    ...table('Jobs', ['job', 'schedule', 'retries', 'concurrency', 'timeout', 'unique'], jobs),
    ...table('Metrics', ['metric', 'type', 'labels', 'help'], metrics),
    ...table('Tokens', ['relation', 'token', 'delivery'], tokens(c)),
    ...table('Settings', ['field', 'environment', 'flag', 'marks', 'default', 'what'], settings(c)),
    ...table('Permissions', ['permission', 'lets a user'], permissions),
    '',
  ].join('\n');
}
