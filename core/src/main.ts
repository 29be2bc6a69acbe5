import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { complain, say, type Terminal } from './cli/terminal.ts';
import { nearest, parse, peek, pluginFlags } from './cli/flags.ts';
import { helpText } from './cli/help.ts';
import { type Invocation, COMMANDS } from './cli/commands.ts';
import { readConfig } from './config/read-config.ts';
import { KernelError } from './errors.ts';
import { linkSdk } from './packages/plugin-packages.ts';
import { sdkFolder } from './cli/plugin-command.ts';
import { discover } from './plugins/discover.ts';

const versionOf = (file: URL): string => (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;

/** The command line: reads configuration and contracts, then does one command. Resolves with the exit code; tells every error in words. */
export async function run(argv: readonly string[]): Promise<number> {
  const terminal: Terminal = { out: process.stdout, err: process.stderr, cwd: process.cwd(), env: process.env };
  for (const stream of [process.stdout, process.stderr]) stream.on('error', readerGone);
  try {
    return await invoke(argv, terminal);
  } catch (error) {
    return complain(terminal, error);
  }
}

/** `revenge openapi | head`, or a terminal that was closed: nobody reads any more, and what runs runs on. */
function readerGone(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
}

async function invoke(argv: readonly string[], terminal: Terminal): Promise<number> {
  const { core, help, version, positionals } = peek(argv);
  const versions = {
    server: versionOf(new URL('../package.json', import.meta.url)),
    sdk: versionOf(new URL('package.json', import.meta.resolve('@revenge/sdk/package.json'))),
  };
  if (version)
    return (say(terminal, `revenge ${versions.server} (SDK ${versions.sdk}, Node ${process.versions.node})`), 0);
  const asked = help || positionals[0] === 'help' || !positionals.length;
  const config = asked
    ? undefined
    : readConfig({ env: terminal.env, cwd: terminal.cwd, flags: core, file: core.config });
  const data = config?.data ?? join(terminal.cwd, 'data');
  if (config) linkSdk(join(data, 'plugins'), sdkFolder());
  const found = await discover({ packages: config?.packages ?? [], data, cwd: terminal.cwd });
  const flags = pluginFlags(found.flatMap(({ contract }) => (contract ? [contract] : [])));
  if (!config) return (say(terminal, helpText(flags)), positionals.length || help ? 0 : 2);
  const parsed = parse(argv, flags);
  const [name = '', ...args] = parsed.positionals;
  const command = COMMANDS[name];
  if (!command) {
    const near = nearest(name, Object.keys(COMMANDS));
    throw new KernelError(
      'RV_USAGE',
      `There is no command '${name}'.`,
      `${near ? `Did you mean '${near}'? ` : ''}'revenge --help' lists them.`,
    );
  }
  const invocation: Invocation = { terminal, config, found, flags: parsed.plugins, args, versions };
  return command(invocation);
}
