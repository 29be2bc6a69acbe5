import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { KernelError } from '../errors.ts';

/**
 * Made when it is not there, one folder after the other (Node's own recursive mkdir never returns below /proc).
 * KernelError RV_DATA when this user cannot write it.
 */
export function openDataFolder(folder: string): void {
  try {
    const missing: string[] = [];
    for (let at = folder; !existsSync(at); at = dirname(at)) missing.unshift(at);
    for (const each of missing) mkdirSync(each, { mode: 0o755 });
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new KernelError(
      'RV_DATA',
      `The data folder ${folder} cannot be written (${code}).`,
      'Let this user write there, or name another folder with --data or REVENGE__DATA.',
      { cause: error },
    );
  }
}
