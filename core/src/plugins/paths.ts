import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Paths } from '@revenge/sdk';
import type { InstanceRef } from '../lifecycle/attribution.ts';

/** DATA/instances/<plugin>/<instance>/{data,cache,temp}. `fresh`: the first generation of this process empties temp. */
export function instancePaths(data: string, ref: InstanceRef, fresh: boolean): Paths {
  const root = join(data, 'instances', ref.plugin, ref.instance);
  if (fresh) rmSync(join(root, 'temp'), { recursive: true, force: true });
  const made = (name: string) => {
    mkdirSync(join(root, name), { recursive: true, mode: 0o750 });
    return join(root, name);
  };
  // Made at first use: most instances never touch a file.
  return {
    get data() {
      return made('data');
    },
    get cache() {
      return made('cache');
    },
    get temp() {
      return made('temp');
    },
  };
}
