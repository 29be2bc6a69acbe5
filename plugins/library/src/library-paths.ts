import { realpath } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { problem } from '@revenge/sdk';
import type { Fault } from '@revenge/sdk';
import type { Query } from './context.ts';
import { checkRoot } from './walk/root-state.ts';

export interface LibraryPath {
  readonly path: string;
  /** Without links, '..' and doubled slashes: what two ways to one folder have in common. */
  readonly real_path: string;
}

const withinOf = (inner: string, outer: string): boolean => inner.startsWith(outer === '/' ? '/' : `${outer}/`);

/** Checks the folders of a library; throws Problem 422 that names each one that will not do. */
export async function checkPaths(paths: readonly string[], field = 'body.paths'): Promise<LibraryPath[]> {
  const faults: Fault[] = [];
  const good: LibraryPath[] = [];
  for (const [index, path] of paths.entries()) {
    const at = `${field}.${index}`;
    if (!isAbsolute(path)) {
      faults.push({ path: at, message: `'${path}' is not absolute; give the whole path as the server sees it` });
      continue;
    }
    const state = await checkRoot(path);
    if (!state.ok) {
      faults.push({ path: at, message: `'${path}' cannot be used: ${state.message}` });
      continue;
    }
    const real_path = await realpath(path);
    const other = good.find(
      (g) => g.real_path === real_path || withinOf(real_path, g.real_path) || withinOf(g.real_path, real_path),
    );
    if (other) faults.push({ path: at, message: `'${path}' and '${other.path}' overlap; give only the outer one` });
    else good.push({ path, real_path });
  }
  if (faults.length > 0) throw problem.invalid(...faults);
  return good;
}

/** Whose folder it already is. Overlaps with another library are allowed: the same film is then one work with files in both. */
export async function ownerOfPath(db: Query, realPath: string): Promise<{ id: string; name: string } | undefined> {
  const [owner] = await db.sql<{ id: string; name: string }>`
    select l.id, l.name from library_paths p join libraries l on l.id = p.library_id
    where md5(p.real_path)::uuid = md5(${realPath}::text)::uuid and p.real_path = ${realPath}`;
  return owner;
}
