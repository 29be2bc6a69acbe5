import type { ContractDef, MetricDef } from '../contract/contract.ts';

export const basePath = (c: ContractDef, instance: string) =>
  (c.base ?? `/${c.id}${c.instances === 'many' ? '/:instance' : ''}`).replace(':instance', instance);
export const routePath = (c: ContractDef, key: string, instance: string) => {
  const [method, path] = key.split(' ');
  return `${method} /api/v1${basePath(c, instance)}${path}`;
};
export const permissionId = (plugin: string, name: string) => (name.includes(':') ? name : `${plugin}:${name}`);
export const snake = (s: string) => s.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`).replace(/-/g, '_');
export const metricName = (id: string, name: string, m: MetricDef) =>
  [snake(id), snake(name), m.unit, m.type === 'counter' ? 'total' : undefined].filter(Boolean).join('_');
