import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { recoverStore } from './plugin-store.ts';

const SDK = '@revenge/sdk';

/**
 * Makes DATA/plugins/node_modules/@revenge/sdk the server's own SDK, so that there is one copy of it; done at every start, as the server may
 * have moved. What the SDK wants beside it (zod, typeorm) is linked as well where no plugin brought its own.
 */
export function linkSdk(dataPlugins: string, sdkDir: string): void {
  recoverStore(dataPlugins);
  const modules = join(dataPlugins, 'node_modules');
  if (!existsSync(modules)) return;
  removeNestedSdks(modules);
  link(join(modules, SDK), realpathSync(sdkDir));
  for (const peer of peersOf(sdkDir)) {
    const at = join(modules, peer);
    const ours = resolvePackage(realpathSync(sdkDir), peer);
    if (ours && (!present(at) || isLink(at))) link(at, ours);
  }
}

/** Takes the links away: npm would follow them into the server's own folders. */
export function unlinkSdk(dataPlugins: string, sdkDir: string): void {
  const modules = join(dataPlugins, 'node_modules');
  for (const name of [SDK, ...peersOf(sdkDir)]) {
    const at = join(modules, name);
    if (isLink(at)) rmSync(at);
  }
}

/** Copies that a plugin bundled, anywhere below. */
function removeNestedSdks(modules: string): void {
  for (const name of packagesIn(modules)) {
    const dir = join(modules, name);
    if (isLink(dir)) continue;
    const below = join(dir, 'node_modules');
    if (!existsSync(below)) continue;
    rmSync(join(below, SDK), { recursive: true, force: true });
    removeNestedSdks(below);
  }
}

function packagesIn(modules: string): string[] {
  return readdirSync(modules, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .flatMap(({ name }) =>
      name.startsWith('@') ? readdirSync(join(modules, name)).map((sub) => `${name}/${sub}`) : [name],
    );
}

function link(at: string, target: string): void {
  if (isLink(at) && existsSync(at) && realpathSync(at) === target) return;
  rmSync(at, { recursive: true, force: true });
  mkdirSync(dirname(at), { recursive: true });
  symlinkSync(target, at, 'junction'); // the kind matters on Windows alone, where it needs no privilege
}

function peersOf(sdkDir: string): string[] {
  const manifest = JSON.parse(readFileSync(join(sdkDir, 'package.json'), 'utf8')) as {
    readonly peerDependencies?: Readonly<Record<string, string>>;
  };
  return Object.keys(manifest.peerDependencies ?? {});
}

function resolvePackage(from: string, name: string): string | undefined {
  for (let at = from; ; at = dirname(at)) {
    const dir = join(at, 'node_modules', name);
    if (existsSync(dir)) return realpathSync(dir);
    if (at === dirname(at)) return undefined;
  }
}

const present = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;
const isLink = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
