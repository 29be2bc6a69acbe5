import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { administrator, call } from '../kernel/api.ts';
import { until } from '../../src/testing/poll.ts';
import type { TestServer } from '../../src/testing/server.ts';

export interface Row extends Readonly<Record<string, unknown>> {
  readonly id: string;
}
export interface Scan extends Row {
  readonly status: string;
  readonly error_code?: string;
  readonly items_scanned: number;
}
export interface LibraryRow extends Row {
  readonly name: string;
  readonly paths: readonly string[];
  readonly latest_scan?: Scan;
}

/** A list of the API; `of` is the member that holds it. */
export async function rows<T = Row>(server: TestServer, path: string, of: string, as: string): Promise<readonly T[]> {
  const { status, body } = await call(server, `GET ${path}`, { as });
  if (status !== 200) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`);
  return (of ? body[of] : body) as readonly T[]; // the test's own expectation of its shape
}

export const libraries = (server: TestServer, as: string): Promise<readonly LibraryRow[]> =>
  rows<LibraryRow>(server, '/libraries', 'libraries', as);

/** When the newest scan of each library has ended: the libraries. */
export const scanned = (server: TestServer, as: string): Promise<readonly LibraryRow[]> =>
  until('every library is scanned', async () => {
    const all = await libraries(server, as);
    return all.length && all.every(({ latest_scan }) => ended(latest_scan)) ? all : undefined;
  });

export const ended = (scan: Scan | undefined): boolean =>
  scan !== undefined && !['pending', 'running'].includes(scan.status);

/** An administrator of a server whose libraries are scanned. */
export async function settled(server: TestServer): Promise<string> {
  const token = await administrator(server);
  await scanned(server, token);
  return token;
}

export const theLibrary = async (server: TestServer, as: string): Promise<LibraryRow> => {
  const [library] = await libraries(server, as);
  if (!library) throw new Error('there is no library');
  return library;
};

const SAMPLE = fileURLToPath(new URL('../../../plugins/library/sample/movies/', import.meta.url));

/** Films in folders of their own, each a copy of a sample clip, one of them broken. */
export function films(dir: string, count: number): string {
  const clips = readdirSync(SAMPLE, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(mp4|webm|mkv|ts|mov)$/.test(name),
  );
  const root = join(dir, 'films');
  for (let number = 0; number < count; number++) {
    const clip = clips[number % clips.length] ?? '';
    const name = `Film ${number} (${1950 + (number % 70)})`;
    mkdirSync(join(root, name), { recursive: true });
    cpSync(join(SAMPLE, clip), join(root, name, `${name}${/\.\w+$/.exec(clip)?.[0] ?? ''}`));
  }
  return root;
}

/** Everything a client sees of up to 500 films, without what differs from one installation to another. */
export async function seen(server: TestServer, as: string): Promise<unknown> {
  const pages = await Promise.all(
    Array.from({ length: 5 }, (_, page) =>
      rows<Row & { title: string }>(server, `/movies?order_by=title&limit=100&offset=${page * 100}`, 'items', as),
    ),
  );
  const filesOf = async ({ id, title, year }: Row): Promise<unknown[]> => {
    const files = await rows<Row & { problem: { code: string } | null }>(server, `/movies/${id}/files`, '', as);
    return files.map((f) => [title, year, f.file_name, f.video_codec, f.duration_seconds, f.problem?.code]);
  };
  const files: unknown[] = [];
  const all = pages.flat();
  for (let at = 0; at < all.length; at += 20)
    files.push(...(await Promise.all(all.slice(at, at + 20).map((row) => filesOf(row)))).flat());
  return files;
}
