import { constants } from 'node:fs';
import { access, opendir, stat } from 'node:fs/promises';
import { problemCode, problemMessage, systemCode } from './read-errors.ts';
import type { ProblemCode } from './walk-protocol.ts';

export type RootState =
  /** `empty` holds when the folder has no entry at all, as the mount point of a disk that is away. */
  | { readonly ok: true; readonly empty: boolean }
  | { readonly ok: false; readonly code: ProblemCode; readonly message: string };

/** Whether a library's folder is there and can be read; never throws. */
export async function checkRoot(path: string): Promise<RootState> {
  try {
    if (path.includes('\0')) return refused('bad-name');
    if (!(await stat(path)).isDirectory()) return refused('not-a-folder');
    await access(path, constants.R_OK | constants.X_OK);
    const folder = await opendir(path);
    const first = await folder.read();
    await folder.close();
    return { ok: true, empty: first === null };
  } catch (error) {
    const code = problemCode(error);
    return refused(code === 'vanished' ? 'missing' : code, systemCode(error));
  }
}

function refused(code: ProblemCode, system?: string): RootState {
  return { ok: false, code, message: problemMessage(code, system) };
}
