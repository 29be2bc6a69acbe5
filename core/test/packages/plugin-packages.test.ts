import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { addPlugin, linkSdk, listPlugins, removePlugin } from '../../src/packages/plugin-packages.ts';
import { packedByNpm, packedPlugin, type Scratch, scratch, SDK_DIR, tarballOf } from './packed.ts';

jest.setTimeout(120_000); // npm starts up to six times in a test

let place: Scratch;
let data: string;
beforeEach(() => {
  place = scratch();
  data = join(place.dir, 'data');
});
afterEach(() => place.end());

// No registry answers here: what needs the network fails.
const env = { ...process.env, npm_config_registry: 'http://127.0.0.1:1/', npm_config_fetch_retries: '0' };
const server = (): { data: string; sdkDir: string; sdkVersion: string; env: typeof env } => ({
  data,
  sdkDir: SDK_DIR,
  sdkVersion: '1.2.3',
  env,
});
const add = (source: string) => addPlugin({ ...server(), source, report: () => undefined });
const installed = (...path: string[]): string => join(data, 'plugins', 'node_modules', ...path);
const listed = async (): Promise<readonly string[]> =>
  (await listPlugins({ data })).map(
    ({ name, version, intact }) => `${name}@${version} ${intact ? 'intact' : 'broken'}`,
  );

test("a packed plugin is installed without the network, with its hash, and finds the server's own SDK", async () => {
  const file = packedByNpm(place.dir);
  const added = await add(file);
  expect(added).toEqual({
    name: 'revenge-plugin-tiny',
    version: '1.0.0',
    integrity: expect.stringMatching(/^sha512-/),
    replaced: undefined,
  });
  expect(await listPlugins({ data })).toEqual([
    {
      name: 'revenge-plugin-tiny',
      version: '1.0.0',
      from: file,
      integrity: added.integrity,
      added_at: expect.any(String),
      intact: true,
      broken: undefined,
    },
  ]);
  expect(realpathSync(installed('@revenge', 'sdk'))).toBe(realpathSync(SDK_DIR));
  expect(existsSync(installed('zod'))).toBe(true);
  expect(readdirSync(data).sort()).toEqual(['plugins']);
});

test('a newer version replaces the older one, another plugin stays, and remove takes one away', async () => {
  await add(packedPlugin(place.dir));
  await add(packedPlugin(place.dir, { name: '@some/other', version: '2.0.0' }));
  const { replaced } = await add(packedPlugin(place.dir, { version: '1.1.0' }));
  expect([replaced, await listed()]).toEqual([
    '1.0.0',
    ['@some/other@2.0.0 intact', 'revenge-plugin-tiny@1.1.0 intact'],
  ]);
  await removePlugin({ ...server(), name: 'revenge-plugin-tiny' });
  expect([existsSync(installed('revenge-plugin-tiny')), await listed()]).toEqual([false, ['@some/other@2.0.0 intact']]);
  expect(readdirSync(join(data, 'plugins', 'packages'))).toHaveLength(1);
  expect(realpathSync(installed('@revenge', 'sdk'))).toBe(realpathSync(SDK_DIR));
  await expect(removePlugin({ ...server(), name: 'nope' })).rejects.toMatchObject({
    code: 'RV_USAGE',
    cure: 'Added ones: @some/other.',
  });
});

test('an SDK among the dependencies, or bundled, never becomes a second copy', async () => {
  const sdk = { 'node_modules/@revenge/sdk/package.json': '{"name":"@revenge/sdk","version":"1.0.0"}' };
  await add(
    packedPlugin(
      place.dir,
      { peerDependencies: {}, dependencies: { '@revenge/sdk': '^1.0.0' }, bundleDependencies: ['@revenge/sdk'] },
      sdk,
    ),
  );
  await add(
    packedPlugin(place.dir, { name: 'unbundled', peerDependencies: {}, dependencies: { '@revenge/sdk': '1.x' } }),
  );
  const copies = readdirSync(join(data, 'plugins'), { recursive: true }).filter((path) =>
    String(path).endsWith(join('@revenge', 'sdk')),
  );
  expect(copies).toEqual([join('node_modules', '@revenge', 'sdk')]);
  expect(realpathSync(installed('@revenge', 'sdk'))).toBe(realpathSync(SDK_DIR));
  expect(await listed()).toEqual(['revenge-plugin-tiny@1.0.0 intact', 'unbundled@1.0.0 intact']);
});

test('install scripts do not run', async () => {
  const mark = join(place.dir, 'ran');
  const touch = `node -e "require('fs').writeFileSync('${mark}','')"`;
  await add(packedPlugin(place.dir, { scripts: { preinstall: touch, install: touch, postinstall: touch } }));
  expect(existsSync(mark)).toBe(false);
});

test('what does not fit, is no plugin, or is no package is refused before anything is installed', async () => {
  const manifest = JSON.stringify({ name: 'evil', version: '1.0.0', revenge: { plugin: true } });
  const good = { path: 'package/package.json', text: manifest };
  const noise = join(place.dir, 'noise.tgz');
  writeFileSync(noise, 'no tarball');
  const cut = join(place.dir, 'cut.tgz');
  writeFileSync(cut, readFileSync(packedPlugin(place.dir, { version: '1.0.9' })).subarray(0, 200));
  const refusals: string[] = [];
  for (const source of [
    packedPlugin(place.dir, { version: '1.0.1', peerDependencies: { '@revenge/sdk': '^2.0.0' } }),
    packedPlugin(place.dir, {
      version: '1.0.2',
      dependencies: { '@revenge/sdk': 'workspace:*' },
      peerDependencies: {},
    }),
    packedPlugin(place.dir, { version: '1.0.3', revenge: {} }),
    tarballOf(join(place.dir, 'up.tgz'), [good, { path: 'package/../../evil.js', text: 'x' }]),
    tarballOf(join(place.dir, 'absolute.tgz'), [good, { path: '/etc/evil', text: 'x' }]),
    tarballOf(join(place.dir, 'link.tgz'), [good, { path: 'package/link', type: '2' }]),
    tarballOf(join(place.dir, 'empty.tgz'), [{ path: 'package/index.js', text: 'x' }]),
    noise,
    cut,
    join(place.dir, 'absent.tgz'),
    'git+ssh://somewhere/x',
    '--registry=http://evil',
  ]) {
    const error: unknown = await add(source).catch((e: unknown) => e);
    refusals.push(error instanceof Error ? error.message.replaceAll(`${place.dir}/`, '') : 'was added');
  }
  expect(refusals).toEqual([
    'revenge-plugin-tiny needs @revenge/sdk ^2.0.0; this server has 1.2.3',
    "revenge-plugin-tiny asks in dependencies for @revenge/sdk 'workspace:*', which is no range of versions",
    'revenge-plugin-tiny is no plugin of Revenge: its package.json lacks "revenge": { "plugin": true }',
    "up.tgz holds 'package/../../evil.js', which would leave its folder",
    "absolute.tgz holds '/etc/evil', which would leave its folder",
    "link.tgz holds 'package/link', which is no file or folder but a SymbolicLink",
    'empty.tgz has no package.json',
    'noise.tgz is no whole .tgz file',
    'cut.tgz is no whole .tgz file',
    "'absent.tgz' is no tarball that can be read",
    "'git+ssh://somewhere/x' is neither the name of a package nor the path of a .tgz file",
    "'--registry=http://evil' is neither the name of a package nor the path of a .tgz file",
  ]);
  expect(readdirSync(data)).toEqual([]);
});

test('an installation that fails leaves what was there and says in short why', async () => {
  await add(packedPlugin(place.dir));
  const needy = packedPlugin(place.dir, { version: '2.0.0', dependencies: { 'is-nowhere-to-be-found': '1.0.0' } });
  const error: unknown = await add(needy).catch((e: unknown) => e);
  expect(error).toMatchObject({ code: 'RV_PLUGIN', message: expect.stringMatching(/^npm install failed:\nnpm error/) });
  expect([await listed(), readdirSync(data)]).toEqual([['revenge-plugin-tiny@1.0.0 intact'], ['plugins']]);
});

test('files changed after they were added, and another tarball in place of the kept one, are told', async () => {
  await add(packedPlugin(place.dir));
  appendFileSync(installed('revenge-plugin-tiny', 'index.js'), '// more');
  expect((await listPlugins({ data }))[0]?.broken).toBe(
    'index.js of revenge-plugin-tiny was changed after it was added; add it again',
  );
  const packages = join(data, 'plugins', 'packages');
  const other = packedPlugin(place.dir, { version: '6.6.6' });
  renameSync(other, join(packages, readdirSync(packages)[0] ?? ''));
  expect((await listPlugins({ data }))[0]?.broken).toBe(
    'the tarball of revenge-plugin-tiny is not the one that was added; add it again',
  );
});

test('two at once wait for each other and both are there', async () => {
  const files = ['one', 'two', 'three'].map((name) => packedPlugin(place.dir, { name }));
  await Promise.all(files.map(add));
  expect([...(await listed())].sort()).toEqual(['one@1.0.0 intact', 'three@1.0.0 intact', 'two@1.0.0 intact']);
});

test('killed in the middle, it leaves what was there, and the next one works', async () => {
  await add(packedPlugin(place.dir));
  const source = packedPlugin(place.dir, { name: 'second' });
  const module = pathToFileURL(join(SDK_DIR, '../core/src/packages/plugin-packages.ts')).href;
  const script = `const { addPlugin } = await import(${JSON.stringify(module)});
    await addPlugin({ ...${JSON.stringify({ data, sdkDir: SDK_DIR, sdkVersion: '1.2.3', source })}, report: () => undefined });`;
  const child = spawn(
    process.execPath,
    ['--conditions=revenge-source', '--import', 'tsx', '--input-type=module', '-e', script],
    { cwd: join(SDK_DIR, '..'), env, stdio: 'ignore', detached: true },
  );
  const staged = (): boolean =>
    existsSync(data) &&
    readdirSync(data).some((name) => name.includes('.next-') && existsSync(join(data, name, 'revenge-plugins.json')));
  for (const until = Date.now() + 20_000; !staged() && Date.now() < until;) await sleep(5);
  const ended = once(child, 'exit');
  process.kill(-(child.pid ?? 0), 'SIGKILL'); // its whole group, npm too
  await ended;
  expect(await listed()).toEqual(['revenge-plugin-tiny@1.0.0 intact']);
  expect(existsSync(join(data, 'plugins.lock'))).toBe(true);
  await add(source);
  expect([await listed(), readdirSync(data)]).toEqual([
    ['revenge-plugin-tiny@1.0.0 intact', 'second@1.0.0 intact'],
    ['plugins'],
  ]);
});

test('a start after the server moved links the SDK anew, and finds the plugins of a swap that was cut short', async () => {
  await add(packedPlugin(place.dir));
  renameSync(join(data, 'plugins'), join(data, 'plugins.old'));
  const moved = join(place.dir, 'elsewhere', 'sdk');
  mkdirSync(moved, { recursive: true });
  writeFileSync(join(moved, 'package.json'), '{"name":"@revenge/sdk","version":"1.3.0"}');
  linkSdk(join(data, 'plugins'), moved);
  expect(realpathSync(installed('@revenge', 'sdk'))).toBe(realpathSync(moved));
  expect(await listed()).toEqual(['revenge-plugin-tiny@1.0.0 intact']);
});

/** A registry as small as one can be: packages by their tarballs. */
async function startRegistry(tarballs: Readonly<Record<string, { file: string; manifest: object }>>) {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '/').slice(1);
    const found = tarballs[path];
    const asFile = Object.values(tarballs).find(({ file }) => path === basename(file));
    if (asFile) return response.end(readFileSync(asFile.file));
    if (!found) return response.writeHead(404).end('{}');
    const dist = {
      tarball: `${url}${basename(found.file)}`,
      integrity: `sha512-${createHash('sha512').update(readFileSync(found.file)).digest('base64')}`,
    };
    const version = { name: path, version: '1.0.0', ...found.manifest, dist };
    return response.end(
      JSON.stringify({ name: path, 'dist-tags': { latest: '1.0.0' }, versions: { '1.0.0': version } }),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { url, stop: () => server.close() };
}

test('a name is fetched from the registry with what it depends on, and goes with it', async () => {
  const dependencies = { 'tiny-dependency': '^1.0.0' };
  const registry = await startRegistry({
    'revenge-plugin-tiny': { file: packedPlugin(place.dir, { dependencies }), manifest: { dependencies } },
    'tiny-dependency': {
      file: packedPlugin(place.dir, { name: 'tiny-dependency', revenge: undefined, peerDependencies: undefined }),
      manifest: {},
    },
  });
  const online = {
    ...server(),
    env: { ...env, npm_config_registry: registry.url, npm_config_cache: join(place.dir, 'cache') },
  };
  const told: string[] = [];
  await addPlugin({ ...online, source: 'revenge-plugin-tiny@^1.0', report: (text) => told.push(text) });
  expect(told).toEqual(['Fetching revenge-plugin-tiny@^1.0 …', 'Installing revenge-plugin-tiny 1.0.0 …']);
  expect([await listed(), existsSync(installed('tiny-dependency'))]).toEqual([
    ['revenge-plugin-tiny@1.0.0 intact'],
    true,
  ]);
  registry.stop();
  await removePlugin({ ...online, name: 'revenge-plugin-tiny' });
  expect([await listed(), existsSync(installed('tiny-dependency'))]).toEqual([[], false]);
});

test('a data folder that is a file, and records that are none of ours, are told in words', async () => {
  writeFileSync(data, '');
  await expect(add(packedPlugin(place.dir))).rejects.toMatchObject({
    code: 'RV_DATA',
    message: `The plugins in ${data} cannot be changed: it is a file.`,
  });
  const other = join(place.dir, 'other');
  mkdirSync(join(other, 'plugins'), { recursive: true });
  writeFileSync(join(other, 'plugins', 'revenge-plugins.json'), '{"plugins":7}');
  await expect(listPlugins({ data: other })).rejects.toMatchObject({ code: 'RV_DATA' });
});
