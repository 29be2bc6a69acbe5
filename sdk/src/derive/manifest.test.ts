import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { demo } from '../../test/fixtures/demo.ts';
import { defineContract } from '../contract/define-contract.ts';
import { configForm } from './config-form.ts';
import { jsonSchema } from './json-schema.ts';
import { manifest } from './manifest.ts';
import { metricDocs } from './metric-docs.ts';
import { basePath, envName, routePath } from './names.ts';

const single = defineContract({ id: 'auth', title: 'Auth', sdk: '^1.0', config: z.object({ openTo: z.string() }) });

test('the environment names of a single plugin have no instance and those of many have one', () => {
  expect(configForm(single).fields.map(({ env }) => env)).toEqual(['REVENGE__PLUGINS__AUTH__OPEN_TO']);
  expect(envName(demo, 'apiKey', 'uhd-2')).toBe('REVENGE__PLUGINS__DEMO_PLUGIN__UHD_2__API_KEY');
});

test('the form marks secrets, flags, lists and what is required', () => {
  const { fields, version, schema } = configForm(demo, 'main');
  expect(version).toBe(2);
  expect(schema.required).toEqual(['url', 'apiKey']);
  expect(fields.map(({ schema: _schema, env: _env, ...rest }) => rest)).toEqual([
    { name: 'url', repeatable: false, secret: false, required: true, description: 'Where it answers' },
    { name: 'apiKey', repeatable: false, secret: true, required: true },
    {
      name: 'libraries',
      flag: '--library',
      placeholder: 'KIND=PATH',
      repeatable: true,
      secret: false,
      required: false,
      description: 'Folders',
    },
    { name: 'syncAt', repeatable: false, secret: false, required: false },
  ]);
});

test('a plugin without config has a form of no fields', () => {
  expect(configForm(defineContract({ id: 'bare', title: 'Bare', sdk: '^1.0' })).fields).toEqual([]);
});

test('metrics are documented under the names that Prometheus sees', () => {
  expect(metricDocs(demo)).toEqual([
    {
      name: 'revenge_demo_plugin_syncs_total',
      type: 'counter',
      help: 'Syncs',
      labels: ['result: ok, failed', 'host: up to 20', 'plugin_instance'],
    },
    {
      name: 'revenge_demo_plugin_took_seconds',
      type: 'histogram',
      help: 'Time',
      labels: ['plugin_instance'],
      buckets: [1, 5],
    },
    { name: 'revenge_sessions_open', type: 'gauge', help: 'Open ones', labels: ['plugin_instance'] },
  ]);
});

test('the manifest is plain JSON that names every part', () => {
  const made = manifest(demo);
  expect(JSON.parse(JSON.stringify(made))).toEqual(made);
  expect(made).toMatchObject({
    id: 'demo-plugin',
    instances: 'many',
    isolation: 'inline',
    config_version: 2,
    flags: ['--library'],
    secrets: ['apiKey'],
    needs: ['library.library@1.0', 'other.lib@1.2'],
    emits: ['demo.done@1.0'],
    permissions: [
      { id: 'demo-plugin:sync', text: 'Start a sync' },
      { id: 'movies:refresh', text: { en: 'Refresh movies', de: 'Filme auffrischen' } },
    ],
    jobs: [{ name: 'sync', cron: { config: 'syncAt' }, timeout: '10m', input: { type: 'object' } }],
    database: false,
  });
});

test('a type that JSON lacks is named with its route and field', () => {
  const schema = z.object({ items: z.array(z.object({ made: z.date().optional() })) });
  expect(() => jsonSchema(schema, 'output', 'demo GET /movies response 200')).toThrow(
    /^demo GET \/movies response 200 field 'items\[\]\.made': Date cannot be represented/,
  );
});

test('base path and whole path follow the contract', () => {
  expect([basePath(demo, 'uhd'), basePath({ ...single, base: '' }, 'main')]).toEqual(['/demo-plugin/uhd', '']);
  expect(routePath({ ...single, base: '/things' }, 'GET /', 'main')).toBe('GET /api/v1/things');
});
