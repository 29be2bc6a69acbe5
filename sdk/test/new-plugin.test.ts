import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { newPlugin } from '../src/scaffold/new-plugin.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MODULES = join(ROOT, 'node_modules');
const TSC = join(MODULES, 'typescript/bin/tsc');
let temp = '';
beforeEach(() => {
  temp = mkdtempSync(join(tmpdir(), 'new-plugin-'));
});
afterEach(() => rmSync(temp, { recursive: true }));

function run(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (error) throw error;
  expect({ status, said: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, said: '' });
  return stdout;
}
/** What `npm install` would put there, from this repository, so that no network is needed. */
function link(dir: string): void {
  mkdirSync(join(dir, 'node_modules/@revenge'), { recursive: true });
  mkdirSync(join(dir, 'node_modules/.bin'));
  mkdirSync(join(dir, 'node_modules/@types'));
  symlinkSync(join(ROOT, 'sdk'), join(dir, 'node_modules/@revenge/sdk'));
  for (const name of ['zod', '@types/node', 'typescript'])
    symlinkSync(join(MODULES, name), join(dir, 'node_modules', name));
  symlinkSync(TSC, join(dir, 'node_modules/.bin/tsc'));
}

test('a plugin made outside the repository compiles, answers a route in its own test, and packs what it needs', async () => {
  const dir = join(temp, 'my-plugin');
  await newPlugin({ name: 'my-plugin', dir, sdkDir: join(ROOT, 'sdk') });
  link(dir);
  run('npm', ['run', 'build'], dir);
  run('npm', ['test'], dir); // on the kernel as built, with a PostgreSQL of its own

  const [packed] = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts'], dir)) as {
    files: { path: string }[];
  }[];
  expect(
    packed?.files
      .map(({ path }) => path)
      .filter((path) => !path.endsWith('.map'))
      .sort(),
  ).toEqual([
    'README.md',
    'dist/contract.d.ts',
    'dist/contract.js',
    'dist/plugin.d.ts',
    'dist/plugin.js',
    'dist/routes/hello.d.ts',
    'dist/routes/hello.js',
    'package.json',
  ]);

  const shown = `
    const { contract } = await import('revenge-plugin-my-plugin/contract');
    const plugin = (await import('revenge-plugin-my-plugin')).default;
    console.log(JSON.stringify([contract.id, contract.title, plugin.contract === contract, typeof plugin.setup]));`;
  expect(JSON.parse(run(process.execPath, ['--input-type=module', '-e', shown], dir))).toEqual([
    'my-plugin',
    'My Plugin',
    true,
    'function',
  ]);
  const json = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as Record<string, unknown>;
  expect(json).toMatchObject({ revenge: { plugin: true }, peerDependencies: { '@revenge/sdk': '^1.0.0' } });
  expect(readFileSync(join(dir, 'README.md'), 'utf8')).toContain('REVENGE__PLUGINS__MY_PLUGIN__GREETING');
}, 120_000);

test('a plugin made in the workspace has the shape of the others and is added to tsconfig.json once', async () => {
  writeFileSync(join(temp, 'tsconfig.json'), '{\n  "files": [],\n  "references": [\n    { "path": "sdk" }\n  ]\n}\n');
  const dir = join(temp, 'plugins/radarr');
  await newPlugin({ name: 'radarr', dir, workspace: temp });
  const config = JSON.parse(readFileSync(join(temp, 'tsconfig.json'), 'utf8')) as Record<string, unknown>;
  expect(config.references).toEqual([{ path: 'sdk' }, { path: 'plugins/radarr' }]);
  expect(JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'))).toMatchObject({
    name: '@revenge/plugin-radarr',
    exports: { './contract': { 'revenge-source': './src/contract.ts' } },
  });
});

test('a name that is no id, or is the server’s own, is refused with what a name is', async () => {
  for (const name of ['My', 'a', '9x', 'a_b', 'a--b', 'a-', '../x', ''])
    await expect(newPlugin({ name, dir: join(temp, 'x') })).rejects.toThrow(
      /is no plugin name: use 2 to 31 lower case/,
    );
  await expect(newPlugin({ name: 'core', dir: join(temp, 'x') })).rejects.toThrow(/server's own/);
});

test('nothing is overwritten', async () => {
  writeFileSync(join(temp, 'note.txt'), 'mine');
  await expect(newPlugin({ name: 'ok', dir: temp })).rejects.toThrow(/is not empty: nothing is overwritten/);
  await expect(newPlugin({ name: 'ok', dir: join(temp, 'note.txt') })).rejects.toThrow(/is a file/);
  expect(readFileSync(join(temp, 'note.txt'), 'utf8')).toBe('mine');
});
