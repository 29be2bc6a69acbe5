import { constants, setPriority } from 'node:os';
import { parsePath } from '../names/parse-path.ts';
import type { ParsedPath } from '../names/parse-path.ts';
import type { FoundFile } from '../walk/walker.ts';
import { understand } from './understood-file.ts';
import type { UnderstoodFile } from './understood-file.ts';

export interface FilesTask {
  readonly root: string;
  readonly kind: 'movie' | 'tvshow';
  readonly files: readonly FoundFile[];
}
export interface PathTask {
  readonly path: string;
  readonly type: 'movie' | 'tvshow' | undefined;
}

// Only Linux gives a thread a priority of its own; elsewhere this would slow the whole server.
if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

/** A task of the pool: what the names of files say, in their order. */
export const readFiles = ({ root, kind, files }: FilesTask): UnderstoodFile[] =>
  files.map((file) => understand(file, root, kind));

/** A task of the pool: how one path is understood. */
export const readPath = ({ path, type }: PathTask): ParsedPath => parsePath(path, type);
