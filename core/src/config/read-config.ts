import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parse as parseYaml } from 'yaml';
import type { z } from 'zod';
import { KernelError } from '../errors.ts';
import { ConfigFile, type GivenSetting, type ServerConfig } from './server-config.ts';

const PREFIX = 'REVENGE__';
const FILES = ['revenge.config.yaml', 'revenge.config.yml', 'revenge.config.json'];
/** Where the command line's names stand in the file. */
export const FLAG_PATHS = {
  data: ['data'],
  port: ['server', 'port'],
  host: ['server', 'host'],
  'public-url': ['server', 'public_url'],
  'log-level': ['log', 'level'],
} as const;

type Tree = { [key: string]: unknown };
interface Layer {
  readonly path: readonly string[];
  readonly value: unknown;
  readonly source: string;
}

export interface ConfigSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** By the names of FLAG_PATHS. */
  readonly flags: Readonly<Record<string, string | undefined>>;
  /** `--config FILE`: has to exist then. */
  readonly file?: string | undefined;
}

/** Flags win over the environment, that over the file, that over the defaults. Throws KernelError RV_CONFIG that lists every mistake with its source. */
export function readConfig(sources: ConfigSources): ServerConfig {
  const layers = [...fileLayers(sources), ...envLayers(sources.env), ...flagLayers(sources.flags)];
  const tree = Object.create(null) as Tree; // a '__proto__' in the file is a name like any other
  const origin = new Map<string, string>();
  for (const { path, value, source } of layers) {
    put(tree, path, value);
    origin.set(path.join('.'), source);
  }
  const parsed = ConfigFile.safeParse(tree);
  if (!parsed.success) throw mistakes(parsed.error.issues, origin);
  return frozen(parsed.data, layers, sources.cwd);
}

function fileLayers({ file, cwd, env }: ConfigSources): Layer[] {
  const asked = file ?? env[`${PREFIX}CONFIG`];
  const path = asked ? resolve(cwd, asked) : FILES.map((name) => join(cwd, name)).find((name) => existsSync(name));
  if (!path) return [];
  let tree: unknown;
  try {
    tree = parseYaml(readFileSync(path, 'utf8')) ?? {}; // JSON is YAML
  } catch (error) {
    throw new KernelError(
      'RV_CONFIG',
      `${path} cannot be read: ${(error as Error).message}`,
      'Mend the file, or name another with --config FILE.',
      { cause: error },
    );
  }
  if (typeof tree !== 'object' || Array.isArray(tree))
    throw new KernelError(
      'RV_CONFIG',
      `${path} holds no settings: it has to be a mapping of names to values`,
      "Write it like 'server: { port: 8096 }'.",
    );
  return leaves(tree as Tree, [], basename(path));
}

function leaves(tree: Tree, at: readonly string[], source: string): Layer[] {
  return Object.entries(tree).flatMap(([key, value]) => {
    const path = [...at, key];
    const deeper = typeof value === 'object' && value !== null && !Array.isArray(value) && path.length < 3;
    return deeper ? leaves(value as Tree, path, source) : [{ path, value, source }];
  });
}

function envLayers(env: ConfigSources['env']): Layer[] {
  const layers: Layer[] = [];
  if (env.DATABASE_URL) layers.push({ path: ['database', 'url'], value: env.DATABASE_URL, source: 'DATABASE_URL' });
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(PREFIX) || text === undefined || name === `${PREFIX}CONFIG`) continue;
    const fromFile = name.endsWith('_FILE') && name !== `${PREFIX}LOG__FILE`;
    const path = name
      .slice(PREFIX.length, fromFile ? -'_FILE'.length : undefined)
      .toLowerCase()
      .split('__');
    if (path.some((part) => !part))
      throw new KernelError(
        'RV_CONFIG',
        `${name}: an empty part between two underscores`,
        'Write it like REVENGE__SERVER__PORT.',
      );
    layers.push({ path, value: fromFile ? secretFile(name, text) : text, source: name });
  }
  return layers;
}

function secretFile(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new KernelError(
      'RV_CONFIG',
      `${name}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`,
      'Name a file this user may read.',
      { cause: error },
    );
  }
}

const flagLayers = (flags: ConfigSources['flags']): Layer[] =>
  Object.entries(FLAG_PATHS).flatMap(([flag, path]) =>
    flags[flag] === undefined ? [] : [{ path, value: flags[flag], source: `--${flag}` }],
  );

function put(tree: Tree, path: readonly string[], value: unknown): void {
  let at = tree;
  for (const key of path.slice(0, -1)) {
    const next = at[key];
    if (typeof next !== 'object' || next === null || Array.isArray(next)) at[key] = Object.create(null);
    at = at[key] as Tree;
  }
  at[path.at(-1)!] = value;
}

function mistakes(issues: readonly z.core.$ZodIssue[], origin: ReadonlyMap<string, string>): KernelError {
  const lines = issues.flatMap((issue) => {
    const keys =
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => [...issue.path, key].join('.'))
        : [issue.path.join('.')];
    return keys.map(
      (key) =>
        `${key} (from ${sourceOf(key, origin)}): ${issue.code === 'unrecognized_keys' ? 'no such setting' : issue.message}`,
    );
  });
  return new KernelError(
    'RV_CONFIG',
    `The configuration has ${lines.length === 1 ? 'a mistake' : `${lines.length} mistakes`}:\n  ${lines.join('\n  ')}`,
    "'revenge start --help' lists the settings and their forms.",
  );
}

const sourceOf = (key: string, origin: ReadonlyMap<string, string>): string =>
  origin.get(key) ?? [...origin].find(([path]) => path.startsWith(`${key}.`))?.[1] ?? 'the defaults';

function frozen(file: ConfigFile, layers: readonly Layer[], cwd: string): ServerConfig {
  const given: GivenSetting[] = layers
    .filter(({ path }) => path[0] === 'plugins')
    .map(({ path, value, source }) => ({ path: path.slice(1).map((part) => part.toLowerCase()), value, source }));
  const { server, database, deadlines } = file;
  return Object.freeze({
    data: resolve(cwd, file.data),
    roles: file.roles,
    secretKey: file.secret_key,
    server: {
      host: server.host,
      port: server.port,
      publicUrl: server.public_url?.replace(/\/+$/, ''),
      trustedProxies: server.trusted_proxies,
      corsOrigins: server.cors_origins,
      drainSeconds: server.drain_seconds,
    },
    observability: file.observability,
    database: { url: database.url, pool: database.pool, statementTimeoutMs: database.statement_timeout_ms },
    log: {
      level: file.log.level,
      file: file.log.file && file.log.file !== '-' ? resolve(cwd, file.log.file) : file.log.file,
    },
    deadlines: {
      setup: deadlines.setup_ms,
      start: deadlines.start_ms,
      stop: deadlines.stop_ms,
      drain: deadlines.drain_ms,
    },
    packages: file.packages,
    required: file.required,
    given,
  });
}
