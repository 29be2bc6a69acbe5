import type { ServerConfig } from '../config/server-config.ts';
import { wholeOpenApi } from '../http/routes/whole-openapi.ts';
import { KernelError } from '../errors.ts';
import type { Discovered } from '../plugins/discover.ts';
import { planCommand } from './plan-command.ts';
import { pluginCommand } from './plugin-command.ts';
import { say, type Terminal } from './terminal.ts';

export interface Invocation {
  readonly terminal: Terminal;
  readonly config: ServerConfig;
  readonly found: readonly Discovered[];
  /** Flags that contracts declare, by name. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly args: readonly string[];
  readonly versions: { readonly server: string; readonly sdk: string };
}
type Command = (invocation: Invocation) => Promise<number> | number;

/** A command that takes no words after it. */
const alone =
  (command: Command): Command =>
  (invocation) => {
    if (invocation.args.length)
      throw new KernelError(
        'RV_USAGE',
        `'${invocation.args.join(' ')}' is more than this command takes.`,
        "'revenge --help' shows how it is typed.",
      );
    return command(invocation);
  };

/** Each loads what it needs when it is called: `plan` and `--help` open no database. */
export const COMMANDS: Readonly<Record<string, Command>> = Object.assign(
  Object.create(null) as Record<string, Command>,
  {
    start: alone(async (invocation) => (await import('./start-command.ts')).startCommand(invocation)),
    plan: alone(({ terminal, found, config, versions }) => planCommand(terminal, found, config, versions.sdk)),
    doctor: alone(async (invocation) => (await import('./doctor-command.ts')).doctorCommand(invocation)),
    openapi: alone(({ terminal, found, versions }) => {
      const contracts = found.flatMap(({ contract }) => (contract ? [contract] : []));
      say(
        terminal,
        JSON.stringify(wholeOpenApi(contracts, { title: 'Revenge', version: versions.server }), undefined, 2),
      );
      return 0;
    }),
    plugin: pluginCommand,
  },
);
