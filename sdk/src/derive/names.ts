import type { ContractDef, MetricDef } from '../contract/contract.ts';

/** Where an instance's routes live below /api/v1. */
export const basePath = (c: ContractDef, instance: string): string =>
  (c.base ?? `/${c.id}${c.instances === 'many' ? '/:instance' : ''}`).replace(':instance', instance);
/** A route's method and whole path. */
export const routePath = (c: ContractDef, key: string, instance: string): string => {
  const [method, path = ''] = key.split(' ');
  const base = basePath(c, instance);
  return `${method} /api/v1${base}${path === '/' && base ? '' : path}`;
};
/** A permission as the whole server knows it. */
export const permissionId = (plugin: string, name: string): string => (name.includes(':') ? name : `${plugin}:${name}`);
/** camelCase and dashes to snake_case. */
export const snake = (s: string): string => s.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`).replace(/-/g, '_');
/** A metric as Prometheus sees it. */
export const metricName = (id: string, name: string, m: MetricDef): string =>
  m.name ??
  ['revenge', snake(id), snake(name), m.unit, m.type === 'counter' ? 'total' : undefined].filter(Boolean).join('_');
/** The environment variable of a config field; plugins of many instances have one for each instance. */
export const envName = (c: ContractDef, field: string, instance = 'instance'): string =>
  ['revenge', 'plugins', c.id, ...(c.instances === 'many' ? [instance] : []), field]
    .map((part) => snake(part).toUpperCase())
    .join('__');
