import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ContractDef, Plugin } from '@revenge/sdk';
import { KernelError } from '../errors.ts';

/** One plugin package found; its contract is read, its code is not. */
export interface Discovered {
  readonly package: string;
  readonly version: string;
  readonly dir: string;
  /** 'installed' ones are third parties': they run inline with a warning until the worker tier is there. */
  readonly from: 'built-in' | 'config' | 'installed';
  readonly required: boolean;
  /** undefined: reading it threw `error`. */
  readonly contract: ContractDef | undefined;
  readonly error: unknown;
  load(): Promise<Plugin>;
}

interface PackageJson {
  readonly name?: string;
  readonly version?: string;
  readonly main?: string;
  readonly exports?: unknown;
  readonly revenge?: { readonly plugin?: boolean; readonly required?: boolean };
}

const readPackage = (dir: string): PackageJson | undefined => {
  const file = join(dir, 'package.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as PackageJson) : undefined;
};

/** Built-in ones, then what the config names, then DATA/plugins. One id found twice: the first counts. */
export async function discover(options: {
  readonly packages: readonly string[];
  readonly data: string;
  readonly cwd: string;
}): Promise<Discovered[]> {
  const folders: (readonly [dir: string, from: Discovered['from']])[] = [
    ...builtIn().map((dir) => [dir, 'built-in'] as const),
    ...options.packages.map((name) => [named(name, options.cwd), 'config'] as const),
    ...packagesIn(join(options.data, 'plugins', 'node_modules')).map((dir) => [dir, 'installed'] as const),
  ];
  const found: Discovered[] = [];
  for (const [dir, from] of folders) {
    const manifest = readPackage(dir);
    if (!manifest?.revenge?.plugin) {
      if (from === 'config') throw notAPlugin(dir);
      continue;
    }
    const real = realpathSync(dir);
    if (!found.some((other) => other.dir === real)) found.push(await read(real, manifest, from));
  }
  return found;
}

/** Packages beside @revenge/core in whichever node_modules it was installed, and in those above. */
function builtIn(): string[] {
  const dirs: string[] = [];
  for (let at = dirname(fileURLToPath(import.meta.url)); at !== dirname(at); at = dirname(at)) {
    const scope = join(at, 'node_modules', '@revenge');
    if (existsSync(scope))
      dirs.push(
        ...readdirSync(scope)
          .sort()
          .map((name) => join(scope, name)),
      );
  }
  return dirs;
}

function packagesIn(modules: string): string[] {
  if (!existsSync(modules)) return [];
  return readdirSync(modules)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) =>
      name.startsWith('@')
        ? readdirSync(join(modules, name)).map((sub) => join(modules, name, sub))
        : [join(modules, name)],
    )
    .sort();
}

function named(name: string, cwd: string): string {
  if (isAbsolute(name) || name.startsWith('.')) return resolve(cwd, name);
  for (let at = cwd; ; at = dirname(at)) {
    const dir = join(at, 'node_modules', name);
    if (existsSync(dir)) return dir;
    if (at === dirname(at)) throw notAPlugin(name);
  }
}

const notAPlugin = (name: string): KernelError =>
  new KernelError(
    'RV_PLUGIN',
    `'${name}' in 'packages' is no plugin package: there is no package.json with "revenge": { "plugin": true } in it`,
    'Name an installed package or a folder, or take it out of the config.',
  );

async function read(dir: string, manifest: PackageJson, from: Discovered['from']): Promise<Discovered> {
  const code = entry(dir, manifest, '.');
  const base = {
    package: manifest.name ?? dir,
    version: manifest.version ?? '0.0.0',
    dir,
    from,
    required: manifest.revenge?.required ?? false,
    load: async () => pluginOf((await import(code)) as Record<string, unknown>, manifest.name ?? dir),
  };
  try {
    const module = (await import(entry(dir, manifest, './contract') ?? code)) as Record<string, unknown>;
    return { ...base, contract: contractOf(module, base.package), error: undefined };
  } catch (error) {
    return { ...base, contract: undefined, error };
  }
}

function contractOf(module: Record<string, unknown>, name: string): ContractDef {
  const shapes = [module.contract, module.default, (module.default as { contract?: unknown } | undefined)?.contract];
  const contract = shapes.find((shape) => typeof (shape as ContractDef | undefined)?.sdk === 'string');
  if (!contract)
    throw new KernelError(
      'RV_PLUGIN',
      `${name} exports no contract`,
      "Export it from './contract' as `contract` or by default.",
    );
  return contract as ContractDef;
}

function pluginOf(module: Record<string, unknown>, name: string): Plugin {
  const plugin = module.default as Plugin | undefined;
  if (typeof plugin?.setup !== 'function')
    throw new KernelError(
      'RV_PLUGIN',
      `${name} has no plugin as its default export`,
      'Write `export default definePlugin(contract, …)`.',
    );
  return plugin;
}

/** The file behind an entry of `exports`: a string, or the first of its conditions that we meet. */
function entry(dir: string, manifest: PackageJson, name: '.'): string;
function entry(dir: string, manifest: PackageJson, name: './contract'): string | undefined;
function entry(dir: string, manifest: PackageJson, name: '.' | './contract'): string | undefined {
  const exported = manifest.exports as Record<string, unknown> | string | undefined;
  const target =
    typeof exported === 'object'
      ? (exported[name] ?? (name === '.' ? exported : undefined))
      : name === '.'
        ? exported
        : undefined;
  const file = condition(target) ?? (name === '.' ? (manifest.main ?? 'index.js') : undefined);
  return file && pathToFileURL(join(dir, file)).href;
}

function condition(target: unknown): string | undefined {
  if (typeof target === 'string') return target;
  if (typeof target !== 'object' || target === null) return undefined;
  for (const [name, to] of Object.entries(target)) {
    const found = ['node', 'import', 'default'].includes(name) ? condition(to) : undefined;
    if (found) return found;
  }
  return undefined;
}
