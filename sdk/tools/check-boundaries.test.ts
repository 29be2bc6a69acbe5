import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from '@jest/globals';

const TOOL = join(fileURLToPath(new URL('.', import.meta.url)), 'check-boundaries.mjs');
const made: string[] = [];
afterAll(() => made.forEach((dir) => rmSync(dir, { recursive: true })));

const packages: Record<string, object> = {
  'package.json': { devDependencies: { '@jest/globals': '1' } },
  'sdk/package.json': { name: '@revenge/sdk', peerDependencies: { typeorm: '1', zod: '4' } },
  'core/package.json': { name: '@revenge/core', dependencies: { '@revenge/sdk': '1', koa: '3', typeorm: '1' } },
  'bench/package.json': { name: '@revenge/bench', dependencies: { '@revenge/sdk': '1', koa: '3' } },
  'plugins/a/package.json': {
    name: '@revenge/plugin-a',
    peerDependencies: { '@revenge/sdk': '1', typeorm: '1', '@revenge/plugin-b': '1' },
  },
  'plugins/b/package.json': { name: '@revenge/plugin-b', peerDependencies: { '@revenge/sdk': '1' } },
  'plugins/x-kit/package.json': { name: '@revenge/x-kit', dependencies: { typeorm: '1' } },
};
/** Runs the tool on a tree of these files and answers what it says, without the cures. */
function check(files: Record<string, string>) {
  const root = mkdtempSync(join(tmpdir(), 'boundaries-'));
  made.push(root);
  const all = { ...Object.fromEntries(Object.entries(packages).map(([p, j]) => [p, JSON.stringify(j)])), ...files };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const { status, stderr } = spawnSync(process.execPath, [TOOL, root], { encoding: 'utf8' });
  return {
    status,
    said: stderr
      .split('\n')
      .filter((line) => line.includes(';'))
      .map((line) => line.replace(/;.*/, '')),
  };
}

test('what the laws allow passes', () => {
  const ok = check({
    'sdk/src/index.ts': `import type { Repository } from 'typeorm'; export type A = Repository<object>;`,
    'core/src/http/server.ts': `import Koa from 'koa'; import type { Q } from '../jobs/job-queue.ts'; import { l } from '../lifecycle/l.ts'; export const k = [Koa, l] as unknown as Q;`,
    'core/src/jobs/job-queue.ts': `import type { S } from '../http/mount.ts'; export interface Q { s: S }`,
    'core/src/http/mount.ts': `import type { Q } from '../jobs/job-queue.ts'; export interface S { q?: Q }`,
    'core/src/lifecycle/l.ts': 'export const l = 1;',
    'plugins/a/src/contract.ts': `import { defineContract } from '@revenge/sdk'; import { B } from '@revenge/plugin-b/contract'; export default [defineContract, B];`,
    'plugins/a/src/entities/x.entity.ts': `import { Entity } from 'typeorm'; export default Entity;`,
    'plugins/a/test/a.test.ts': `import { createTestHost } from '@revenge/sdk/testing'; import { test } from '@jest/globals'; test('x', createTestHost);`,
    'plugins/b/src/lazy.ts': `export const load = () => import('./later.ts');`,
    'plugins/b/src/later.ts': `import { load } from './lazy.ts'; export default load;`,
    'bench/http.ts': `import Koa from 'koa'; import { openapi } from '@revenge/sdk'; export default [Koa, openapi];`,
  });
  expect(ok).toEqual({ status: 0, said: [] });
});

test('each import across a boundary is named with file, line and law', () => {
  const { status, said } = check({
    'sdk/src/a.ts': `import { DataSource } from 'typeorm';\nimport core from '@revenge/core';\nexport default [DataSource, core];`,
    'core/src/a.ts': `import a from '@revenge/plugin-a/contract';\nexport default a;\nexport const late = () => import('@revenge/plugin-b/contract');`,
    'core/src/index.ts': `export * from './a.ts';`,
    'core/src/http/x.ts': `import { run } from '../jobs/runner.ts';\nexport default run;`,
    'core/src/jobs/runner.ts': `export const run = 1;`,
    'plugins/a/src/plugin.ts': [
      `import b from '@revenge/plugin-b';`,
      `import type Koa from 'koa';`,
      `import type { Repository } from 'typeorm';`,
      `import { createTestHost } from '@revenge/sdk/testing';`,
      `import deep from '@revenge/sdk/src/errors.ts';`,
      `import { l } from '../../../core/src/lifecycle/l.ts';`,
      `import lodash from 'lodash';`,
      `import type { H } from '@revenge/core';`,
      `type T = import('inversify').Container;`,
      `export default [b, createTestHost, deep, l, lodash] as unknown as [Koa, Repository<object>, H, T];`,
    ].join('\n'),
    'plugins/b/src/contract.ts': `import fs from 'node:fs';\nimport a from '@revenge/plugin-a/contract';\nexport default [fs, a];`,
    'plugins/x-kit/src/kit.ts': `import { problem } from '@revenge/sdk';\nimport { Entity } from 'typeorm';\nexport default [problem, Entity];`,
    'bench/b.ts': `import a from '@revenge/plugin-a';\nexport default a;`,
  });
  expect(status).toBe(1);
  expect(said).toEqual([
    'bench/b.ts:1: bench imports the SDK and speaks HTTP',
    'core/src/a.ts:1: core names no plugin and no benchmark',
    'core/src/a.ts:3: core names no plugin and no benchmark',
    'core/src/http/x.ts:1: core/http does not know the insides of core/jobs',
    'core/src/index.ts:1: `export *` hides what is public',
    'core/src/index.ts:1: only the SDK has an index.ts',
    'plugins/a/src/plugin.ts:1: of @revenge/plugin-b only its contract is public',
    'plugins/a/src/plugin.ts:2: koa is known in core alone',
    'plugins/a/src/plugin.ts:2: koa is not in plugins/a/package.json',
    'plugins/a/src/plugin.ts:3: a plugin imports typeorm in entities/ and migrations/ alone',
    'plugins/a/src/plugin.ts:4: @revenge/sdk/testing is for tests',
    "plugins/a/src/plugin.ts:5: '@revenge/sdk/src/errors.ts' is not exported by @revenge/sdk",
    "plugins/a/src/plugin.ts:6: '../../../core/src/lifecycle/l.ts' leaves the package",
    'plugins/a/src/plugin.ts:7: lodash is not in plugins/a/package.json',
    'plugins/a/src/plugin.ts:8: @revenge/core is not in plugins/a/package.json',
    'plugins/a/src/plugin.ts:8: a plugin never names core',
    'plugins/a/src/plugin.ts:9: inversify is known in core alone',
    'plugins/a/src/plugin.ts:9: inversify is not in plugins/a/package.json',
    'plugins/b/src/contract.ts:1: a contract is pure data and does not load node:fs',
    'plugins/b/src/contract.ts:2: @revenge/plugin-a is not in plugins/b/package.json',
    'plugins/x-kit/src/kit.ts:1: a kit imports nothing of ours',
    'plugins/x-kit/src/kit.ts:2: a kit stores nothing',
    'sdk/src/a.ts:1: the SDK knows typeorm as a type only',
    'sdk/src/a.ts:2: the SDK imports nothing of ours',
  ]);
});

test('a cycle of values is shown as a ring, one of types alone is none', () => {
  const { said } = check({
    'plugins/a/src/a.ts': `import { b } from './b.ts';\nexport const a = () => b;`,
    'plugins/a/src/b.ts': `import { c } from './c.ts';\nexport const b = () => c;`,
    'plugins/a/src/c.ts': `import type { D } from './a.ts';\nimport { a } from './a.ts';\nexport const c = () => a as unknown as D;`,
    'plugins/b/src/a.ts': `import type { B } from './b.ts';\nexport interface A { b?: B }`,
    'plugins/b/src/b.ts': `import type { A } from './a.ts';\nexport interface B { a?: A }`,
  });
  expect(said).toEqual([
    'plugins/a/src/c.ts:2: a cycle: plugins/a/src/a.ts → plugins/a/src/b.ts → plugins/a/src/c.ts → plugins/a/src/a.ts',
  ]);
});
