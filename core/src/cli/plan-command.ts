import type { ServerConfig } from '../config/server-config.ts';
import type { Discovered } from '../plugins/discover.ts';
import { plan, titleOf } from '../plugins/plan.ts';
import { say, type Terminal } from './terminal.ts';

/** `revenge plan`: reads contracts and configuration, starts nothing. 1 when something is blocked. */
export function planCommand(
  terminal: Terminal,
  found: readonly Discovered[],
  config: ServerConfig,
  sdkVersion: string,
): number {
  const contracts = found.flatMap(({ contract }) => (contract ? [contract] : []));
  const instances = contracts.flatMap(({ id, instances: many }) => {
    if (many !== 'many') return [{ plugin: id, instance: 'main', enabled: true }];
    const names = config.given.flatMap(({ path: [plugin, instance] }) => (plugin === id && instance ? [instance] : []));
    return [...new Set(names)].map((instance) => ({ plugin: id, instance, enabled: true }));
  });
  const { waves, blocked } = plan(contracts, instances, sdkVersion);
  for (const [i, wave] of waves.entries()) say(terminal, `${i + 1}. ${wave.join(', ')}`);
  for (const { id, text } of blocked) say(terminal, `blocked  ${id}: ${text}`);
  const broken = found.filter(({ contract }) => !contract);
  for (const { package: name, error } of broken)
    say(terminal, `broken   ${name}: ${error instanceof Error ? error.message : String(error)}`);
  const idle = contracts.filter(({ id }) => !instances.some(({ plugin }) => plugin === id));
  for (const contract of idle)
    say(
      terminal,
      `idle     ${contract.id}: ${titleOf(contract.title)} has no instance in the configuration; those made over the API are not shown here.`,
    );
  if (!waves.length && !blocked.length && !broken.length) say(terminal, 'No plugin is installed.');
  return blocked.length || broken.length ? 1 : 0;
}
