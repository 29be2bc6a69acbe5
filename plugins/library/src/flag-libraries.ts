import { realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import { Problem } from '@revenge/sdk';
import type { Ctx } from './context.ts';
import type { Ids } from './ids.ts';
import { insertLibrary } from './libraries.ts';
import { checkPaths, ownerOfPath } from './library-paths.ts';
import type { LibrarySpec } from './library-spec.ts';
import { sampleRoots } from './sample.ts';

/**
 * Makes the libraries that the command line, the environment or the config file name, once: a folder that a library has already is that library,
 * whatever the name. Never removes one. Answers their ids; what cannot be made is said in the log and in the plugin's state.
 */
export async function ensureLibraries(ctx: Ctx, ids: Ids): Promise<string[]> {
  const { movies, series } = sampleRoots();
  const samples: LibrarySpec[] = [
    { type: 'movie', name: 'Sample films', path: movies },
    { type: 'tvshow', name: 'Sample series', path: series },
  ];
  const libraries: string[] = [];
  for (const spec of [...ctx.config.libraries, ...(ctx.config.sample ? samples : [])]) {
    try {
      libraries.push(await ensure(ctx, ids, spec));
    } catch (error) {
      if (!Problem.is(error)) throw error;
      const reason = `The library '${spec.type}=${spec.path}' was not added: ${error.detail ?? error.title}`;
      ctx.log.error(reason);
      ctx.status.degraded(`library ${spec.path}`, reason);
    }
  }
  return [...new Set(libraries)];
}

async function ensure(ctx: Ctx, ids: Ids, spec: LibrarySpec): Promise<string> {
  const [path] = await checkPaths([spec.path], 'config.libraries');
  if (!path) throw new Error(`checkPaths answered nothing for ${spec.path}`);
  const owner = await ownerOfPath(ctx.db, path.real_path);
  if (owner) return owner.id;
  const id = ids.next();
  const base = spec.name ?? (basename(await realpath(spec.path)) || 'Library');
  // Two nodes may start at once: whoever loses the race for the folder finds its owner.
  for (let number = 1; number <= 100; number++) {
    const name = number === 1 ? base : `${base} (${number})`;
    const made = await ctx.db
      .transaction((tx) => insertLibrary(tx, id, { name, type: spec.type }, [path]))
      .then(() => true)
      .catch((error: unknown) => {
        if (Problem.is(error) && error.status === 409) return false;
        throw error;
      });
    if (made) {
      ctx.log.info('library added', { library_id: id, name, type: spec.type });
      return id;
    }
    const other = await ownerOfPath(ctx.db, path.real_path);
    if (other) return other.id;
  }
  throw new Error(`no free name for a library like '${base}'`);
}
