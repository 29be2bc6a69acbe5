import type { ContractDef } from '../contract/contract.ts';
import { configSchema, type Json, jsonSchema } from './json-schema.ts';
import { metricName, permissionId, snake } from './names.ts';

/** What the shop, the config form, the permission page and Grafana read; plain JSON, made at publish time. */
export function manifest(c: ContractDef): Json {
  const ids = (o: object = {}) => Object.values(o).map((t: { id: string }) => t.id);
  const config = c.config ? jsonSchema(configSchema(c.config), 'input') : undefined;
  return {
    id: c.id,
    title: c.title,
    description: c.description,
    sdk: c.sdk,
    instances: c.instances ?? 'single',
    isolation: c.isolation ?? 'inline',
    config,
    env: Object.keys((config?.properties as object | undefined) ?? {}).map((f) =>
      `${snake(c.id)}_${snake(f)}`.toUpperCase(),
    ),
    needs: ids(c.needs),
    provides: ids(c.provides),
    hosts: ids(c.hosts),
    contributes: ids(c.contributes),
    emits: ids(c.emits),
    listens: ids(c.listens),
    permissions: Object.entries(c.permissions ?? {}).map(([name, text]) => ({ id: permissionId(c.id, name), text })),
    jobs: Object.entries(c.jobs ?? {}).map(([name, { input, ...rest }]) => ({
      name,
      ...rest,
      input: input && jsonSchema(input, 'input'),
    })),
    metrics: Object.entries(c.metrics ?? {}).map(([name, m]) => ({ name: metricName(c.id, name, m), ...m })),
    database: !!c.database,
  };
}
