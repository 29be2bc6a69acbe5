import type { ContractDef } from '../contract/contract.ts';
import { configForm } from './config-form.ts';
import { type Json, jsonSchema } from './json-schema.ts';
import { metricDocs } from './metric-docs.ts';
import { permissionId, routePath } from './names.ts';

const ids = (tokens: object = {}): string[] => Object.values(tokens).map((t: { id: string }) => t.id);

/** What the shop, the config form, the permission page and Grafana read; plain JSON, made at publish time. */
export function manifest(c: ContractDef): Json {
  const form = c.config ? configForm(c) : undefined;
  const plain = {
    id: c.id,
    title: c.title,
    description: c.description,
    sdk: c.sdk,
    instances: c.instances ?? 'single',
    isolation: c.isolation ?? 'inline',
    config: form?.schema,
    config_version: form?.version,
    env: form?.fields.map(({ env }) => env) ?? [],
    flags: form?.fields.flatMap(({ flag }) => flag ?? []) ?? [],
    secrets: form?.fields.filter(({ secret }) => secret).map(({ name }) => name) ?? [],
    needs: ids(c.needs),
    provides: ids(c.provides),
    hosts: ids(c.hosts),
    contributes: ids(c.contributes),
    emits: ids(c.emits),
    listens: ids(c.listens),
    permissions: Object.entries(c.permissions ?? {}).map(([name, text]) => ({ id: permissionId(c.id, name), text })),
    routes: Object.keys(c.routes ?? {}).map((key) => routePath(c, key, ':instance')),
    jobs: Object.entries(c.jobs ?? {}).map(([name, { input, ...rest }]) => ({
      name,
      ...rest,
      input: input && jsonSchema(input, 'input', `${c.id} job ${name} input`),
    })),
    metrics: metricDocs(c),
    database: c.database !== undefined,
  };
  return JSON.parse(JSON.stringify(plain)) as Json; // drops what is undefined; the rest is JSON already
}
