import { expect, test } from '@jest/globals';
import { demo } from '../../test/fixtures/demo.ts';
import { defineContract } from '../contract/define-contract.ts';
import { report } from './report.ts';

test('the report has a row for each route, job, metric, token, setting and permission', () => {
  const text = report(demo);
  for (const row of [
    '| `GET /api/v1/demo-plugin/:instance/movies` | public | 200 |  | All \\| some |',
    '| `GET /api/v1/demo-plugin/:instance/movies/:id` | grant `library:view` on `id` | 200, 404 |  |  |',
    '| `GET /api/v1/demo-plugin/:instance/files/*path` | user, signed link | 200 |  |  |',
    '| `sync` | by setting `syncAt` | 3 | 1 | 10m |  |',
    '| `revenge_demo_plugin_took_seconds` | histogram | plugin_instance | Time |',
    '| needs (optional) | `other.lib@1.2` |  |',
    '| emits | `demo.done@1.0` | durable |',
    '| `apiKey` | `REVENGE__PLUGINS__DEMO_PLUGIN__INSTANCE__API_KEY` |  | secret, required |  |  |',
    '| `movies:refresh` | Refresh movies |',
  ])
    expect(text.split('\n')).toContain(row);
});

test('sections that a contract lacks are left out', () => {
  expect(report(defineContract({ id: 'bare', title: 'Bare', sdk: '^1.0' }))).toBe(
    [
      '# Bare (`bare`)',
      '',
      'Generated from its contract by `npm run check:contracts -- --write`; do not edit.',
      '',
      'SDK `^1.0` · instances: single · isolation: inline · database: none',
      '',
    ].join('\n'),
  );
});
