import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createTestDatabase } from '../../../core/src/testing/postgres.ts';
import { startSmallKernel, Surroundings } from './small-kernel.ts';

/** The plugin on a database of its own, with a folder of its own for media; `stop` removes both. */
export async function startLibrary(config: object = {}) {
  const database = await createTestDatabase();
  const folder = mkdtempSync(join(tmpdir(), 'revenge-library-'));
  const around = new Surroundings();
  const kernel = await startSmallKernel(database.url, around, config);
  const nodes = [kernel];
  return {
    ...kernel,
    around,
    folder,
    url: database.url,
    /** Another node, or this one after it died: same database, same jobs. */
    startNode: async (more: object = config) => {
      const node = await startSmallKernel(database.url, around, more);
      nodes.push(node);
      return node;
    },
    /** Writes files below the folder; the text is their content, enough to be listed with a problem. */
    write: (...paths: readonly string[]) => {
      for (const path of paths) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), `not really a film: ${path}`);
      }
    },
    add: async (type: 'movie' | 'tvshow', path: string, name: string = path): Promise<string> => {
      mkdirSync(join(folder, path), { recursive: true });
      const { status, body } = await kernel.request('POST /libraries', { body: { name, type, paths: [join(folder, path)] } });
      if (status !== 201) throw new Error(`${status}: ${JSON.stringify(body)}`);
      return String(body.id);
    },
    /** Scans and answers how it ended. */
    scan: async (libraryId: string, scan_type = 'full') => {
      const started = await kernel.request('POST /libraries/:libraryId/scan', { params: { libraryId }, body: { scan_type } });
      if (started.status !== 202) throw new Error(`${started.status}: ${JSON.stringify(started.body)}`);
      await kernel.settle();
      const params = { libraryId, scanId: String(started.body.id) };
      return (await kernel.request('GET /libraries/:libraryId/scans/:scanId', { params })).body;
    },
    titles: async (as?: string): Promise<string[]> => {
      const { body } = await kernel.request('GET /movies', { query: { order_by: 'title', limit: 100 }, ...(as && { as }) });
      return body.items.map((movie: { title: string }) => movie.title);
    },
    stop: async () => {
      for (const node of nodes) await node.stop();
      rmSync(folder, { recursive: true, force: true });
      await database.drop();
    },
  };
}
export type LibraryUnderTest = Awaited<ReturnType<typeof startLibrary>>;
