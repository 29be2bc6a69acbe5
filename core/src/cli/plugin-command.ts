import { realpathSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KernelError } from '../errors.ts';
import { addPlugin, listPlugins, removePlugin } from '../packages/plugin-packages.ts';
import type { Invocation } from './commands.ts';
import { say } from './terminal.ts';

const USAGE =
  "It is typed 'revenge plugin list', 'plugin add NAME|TARBALL', 'plugin remove NAME' or 'plugin new NAME [FOLDER]'.";

/** The SDK that this server runs on: what every plugin's import of it has to reach. */
export const sdkFolder = (): string =>
  realpathSync(dirname(fileURLToPath(import.meta.resolve('@revenge/sdk/package.json'))));

/** `revenge plugin …`. A change takes effect at the next start. */
export async function pluginCommand(invocation: Invocation): Promise<number> {
  const { terminal, config, args, versions } = invocation;
  const [what = '', name, ...more] = args;
  const server = { data: config.data, sdkDir: sdkFolder(), sdkVersion: versions.sdk };
  const needed = (): string => {
    if (!name || more.length > (what === 'new' ? 1 : 0))
      throw new KernelError('RV_USAGE', `'plugin ${what}' takes a name.`, USAGE);
    return name;
  };
  switch (what) {
    case 'list':
      return list(invocation);
    case 'add': {
      const added = await addPlugin({ ...server, source: needed(), report: (text) => say(terminal, text) });
      say(terminal, `${added.name} ${added.version} is installed. It is loaded at the next start.`);
      return 0;
    }
    case 'remove':
      await removePlugin({ ...server, name: needed() });
      say(terminal, `${needed()} is removed. What it stored stays; it stops at the next start.`);
      return 0;
    case 'new': {
      const { newPlugin } = await import('@revenge/sdk/scaffold');
      const folder = resolve(terminal.cwd, more[0] ?? needed());
      await newPlugin({ name: basename(needed()), dir: folder, sdkDir: sdkFolder() });
      say(
        terminal,
        `A plugin is in ${folder}. Its DEVELOPING.md says how to build, test and pack it; 'revenge plugin add' takes the tarball.`,
      );
      return 0;
    }
    default:
      throw new KernelError(
        'RV_USAGE',
        what ? `There is no 'plugin ${what}'.` : "'plugin' wants to know what to do.",
        USAGE,
      );
  }
}

async function list({ terminal, found, config }: Invocation): Promise<number> {
  const installed = await listPlugins({ data: config.data });
  for (const { package: name, version, from, contract, error } of found) {
    const state = contract ? 'ok' : `broken: ${error instanceof Error ? error.message : String(error)}`;
    say(terminal, `${name.padEnd(32)} ${version.padEnd(10)} ${from.padEnd(10)} ${state}`);
  }
  for (const row of installed.filter(({ broken }) => broken))
    say(terminal, `${row.name.padEnd(32)} ${row.version.padEnd(10)} installed  broken: ${row.broken}`);
  if (!found.length && !installed.length) say(terminal, 'No plugin is installed.');
  return 0;
}
