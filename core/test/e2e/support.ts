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
