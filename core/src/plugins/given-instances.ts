import type { ContractDef } from '@revenge/sdk';
import type { GivenSetting } from '../config/server-config.ts';
import type { InstanceRef } from '../lifecycle/attribution.ts';

/** Instances that exist because the configuration says so: 'main' of a single plugin, those that settings name of the others. */
export function givenInstances(contract: ContractDef, settings: readonly GivenSetting[]): readonly InstanceRef[] {
  if (contract.instances !== 'many') return [{ plugin: contract.id, instance: 'main' }];
  const names = settings.flatMap(({ path: [plugin, instance] }) =>
    plugin === contract.id && instance ? [instance] : [],
  );
  return [...new Set(names)].map((instance) => ({ plugin: contract.id, instance }));
}

/** `enabled: false` in file or environment turns a plugin off whatever is stored. */
export const turnedOff = ({ plugin, instance }: InstanceRef, settings: readonly GivenSetting[]): boolean =>
  settings.some(
    ({ path, value }) =>
      path[0] === plugin &&
      path.at(-1) === 'enabled' &&
      (path.length === 2 || path[1] === instance) &&
      String(value) === 'false',
  );
