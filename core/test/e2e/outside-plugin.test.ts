import { execFile } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createTestDatabase } from '../../src/testing/postgres.ts';
import { startTestServer } from '../../src/testing/server.ts';
import { administrator, call } from '../kernel/api.ts';
import { startRegistry } from './registry.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const BIN = join(ROOT, 'core/bin/revenge.mjs');
const ends: (() => unknown)[] = [];
let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'revenge-outside-'));
  ends.push(() => rmSync(dir, { recursive: true, force: true }));
});
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** Runs to its end; what it printed. Rejects with that when it fails. */
async function run(command: string, args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}) {
  const all = { PATH: process.env.PATH ?? '', HOME: dir, NO_COLOR: '1', ...env };
  const { stdout } = await promisify(execFile)(command, args, { cwd, env: all });
  return stdout;
}

test('a plugin made outside the repository is built, tested, packed, added, served and removed', async () => {
  const home = join(dir, 'my-plugin');
  const data = join(dir, 'data');
  const revenge = (...args: string[]) => run(process.execPath, [BIN, ...args, '--data', data], dir, { ...registryEnv });
  let registryEnv: Record<string, string> = {};

  // Made, built and tested as its DEVELOPING.md says; only `npm install` is done by links, as it would fetch a compiler.
  expect(await revenge('plugin', 'new', 'my-plugin', './my-plugin')).toContain(home);
  for (const name of ['@revenge/sdk', 'zod', 'typescript', '@types/node', 'undici-types']) {
    const at = join(home, 'node_modules', name);
    mkdirSync(dirname(at), { recursive: true });
    symlinkSync(name === '@revenge/sdk' ? join(ROOT, 'sdk') : join(ROOT, 'node_modules', name), at);
  }
  mkdirSync(join(home, 'node_modules/.bin'));
  symlinkSync('../typescript/bin/tsc', join(home, 'node_modules/.bin/tsc'));
  await run('npm', ['run', 'build'], home);
  const database = await createTestDatabase();
  ends.push(() => database.drop());
  const { REVENGE_TEST_DATABASE_URL = '' } = process.env;
  expect(await run('npm', ['test'], home, { REVENGE_TEST_DATABASE_URL })).toMatch(/^# pass 1$/m);
  await run('npm', ['pack', '--silent'], home);

  // Added from its tarball; what it depends on comes from a registry of our own.
  mkdirSync(join(dir, 'packed'));
  const registry = await startRegistry(join(dir, 'packed'), [join(ROOT, 'node_modules/zod')]);
  ends.push(() => registry.close());
  registryEnv = { npm_config_registry: registry.url };
  expect(await revenge('plugin', 'add', join(home, 'revenge-plugin-my-plugin-0.1.0.tgz'))).toContain(
    'revenge-plugin-my-plugin 0.1.0 is installed',
  );
  const installed = join(data, 'plugins/node_modules');
  expect(lstatSync(join(installed, '@revenge/sdk')).isSymbolicLink()).toBe(true);
  expect(existsSync(join(installed, 'zod/package.json'))).toBe(true);
  expect(await revenge('plugin', 'list')).toMatch(/^revenge-plugin-my-plugin +0\.1\.0 +installed +ok$/m);
  expect(await revenge('plan')).toContain('my-plugin');

  // Served beside the built-in ones, described by the API, and gone after the start that follows its removal.
  const options = { data, env: { DATABASE_URL: database.url } };
  const server = await startTestServer(options);
  const token = await administrator(server).catch(
    async (error: unknown) => (await server.stop(), Promise.reject(error)),
  );
  const served = await call(server, 'GET /my-plugin/hello/Ada', { as: token });
  const document = await (await fetch(`${server.url}/api/openapi.json`)).text();
  const plugins = await call(server, 'GET /plugins', { as: token });
  expect(await server.stop()).toBe(0);
  expect([served.status, served.body]).toEqual([200, { text: 'Hello, Ada!' }]);
  expect(document).toContain('"/api/v1/my-plugin/hello/{name}"');
  expect(plugins.body.plugins).toContainEqual(expect.objectContaining({ id: 'my-plugin', state: 'ready' }));

  expect(await revenge('plugin', 'remove', 'revenge-plugin-my-plugin')).toContain('is removed');
  expect(await revenge('plugin', 'list')).not.toContain('my-plugin');
  const without = await startTestServer(options);
  ends.push(() => without.stop());
  expect((await call(without, 'GET /my-plugin/hello/Ada', { as: token })).status).toBe(404);
  expect((await call(without, 'GET /users/me', { as: token })).status).toBe(200);
});
