import { ConfigFile } from '../config/server-config.ts';
import { z } from 'zod';
import type { PluginFlag } from './flags.ts';

const COMMANDS = [
  ['start', 'start the server (Ctrl-C stops it)'],
  ['plan', 'say which plugins start in which order, and which do not and why'],
  ['doctor', 'look for what would keep the server from working well'],
  ['openapi', 'print the OpenAPI 3.1 document of everything installed'],
  ['plugin list', 'list plugin packages and their state'],
  ['plugin add NAME|TARBALL', 'install a plugin package into DATA/plugins'],
  ['plugin remove NAME', 'remove it again'],
  ['plugin new NAME [FOLDER]', 'make a new plugin package that compiles and passes its test'],
] as const;

const rows = (pairs: readonly (readonly [string, string])[]): string => {
  const width = Math.max(...pairs.map(([left]) => left.length)) + 2;
  return pairs.map(([left, right]) => `  ${left.padEnd(width)}${right}`).join('\n');
};

/** What `--help` prints, from the same schema and contracts that are parsed. */
export function helpText(flags: readonly PluginFlag[]): string {
  const own: (readonly [string, string])[] = flags.map(({ name, kind, placeholder, help, plugin }) => [
    kind === 'boolean' ? `--${name}` : `--${name} ${placeholder}`,
    `${help || `a setting of ${plugin}`}${kind === 'list' ? ' (may be repeated)' : ''}`,
  ]);
  return `Usage: revenge COMMAND [OPTIONS]

Commands:
${rows(COMMANDS)}

Options of start:
${rows([
  ...own,
  ['--port PORT', 'port of the API (8096)'],
  ['--host ADDRESS', 'address the API listens on (0.0.0.0)'],
  ['--data FOLDER', 'folder that holds all state (./data)'],
  ['--public-url URL', 'where clients reach it, behind a proxy'],
  ['--config FILE', 'settings file (revenge.config.yaml or .json beside you, if there)'],
  ['--log-level LEVEL', 'debug, info, warn or error (info)'],
  ['--help, --version', 'this text; the version'],
])}

Settings, in the file as written here or in the environment as REVENGE__SERVER__PORT (…_FILE reads a file):
${rows(settings(z.toJSONSchema(ConfigFile, { io: 'input' }) as Node))}
`;
}

interface Node {
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Node>>;
}

function settings(node: Node, at: readonly string[] = []): (readonly [string, string])[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) =>
    child.properties
      ? settings(child, [...at, name])
      : [[[...at, name].join('.'), `${child.description ?? ''}${given(child.default)}`] as const],
  );
}
const given = (value: unknown): string =>
  value === undefined || typeof value === 'object'
    ? Array.isArray(value) && value.length
      ? ` (${value.join(', ')})`
      : ''
    : ` (${String(value)})`;
