import { json, problem } from '@revenge/sdk';
import type { z } from 'zod';
import type { LibraryView, UpdateLibrary } from './api/library-schemas.ts';
import type { Query } from './context.ts';
import type { LibraryPath } from './library-paths.ts';
import { forgetLibrary } from './scan/link-movies.ts';
import { latestScans } from './scans.ts';
import { iso, type Scope } from './visibility.ts';

export type LibraryShown = z.infer<typeof LibraryView>;
/** What can be set of a library; absent fields keep their value. */
export type LibrarySettings = Omit<z.infer<typeof UpdateLibrary>, 'paths'>;

interface LibraryRow {
  readonly id: string;
  readonly name: string;
  readonly kind: 'movie' | 'tvshow';
  readonly paths: readonly string[] | null;
  readonly enabled: boolean;
  readonly scan_on_startup: boolean;
  readonly realtime_monitoring: boolean;
  readonly metadata_provider: string | null;
  readonly preferred_language: string | null;
  readonly scanner_config: Record<string, unknown>;
  readonly state: 'ok' | 'frozen';
  readonly state_reason: string | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** The libraries of the scope by name, or those of `ids` within it; with their newest scan. Two statements, however many there are. */
export async function readLibraries(db: Query, scope: Scope, ids?: readonly string[]): Promise<LibraryShown[]> {
  const rows = await db.sql<LibraryRow>`
    select l.id, l.name, l.kind, l.enabled, l.scan_on_startup, l.realtime_monitoring, l.metadata_provider, l.preferred_language,
      l.scanner_config, l.state, l.state_reason, l.created_at, l.updated_at,
      (select array_agg(p.path order by p.position) from library_paths p where p.library_id = l.id) as paths
    from libraries l
    where (${scope}::uuid[] is null or l.id = any(${scope}::uuid[])) and (${ids ?? null}::uuid[] is null or l.id = any(${ids ?? null}::uuid[]))
    order by lower(l.name), l.id`;
  const scans = await latestScans(
    db,
    rows.map((row) => row.id),
  );
  return rows.map((row) => {
    const latest = scans.get(row.id);
    return { ...shown(row), ...(latest && { latest_scan: latest }) };
  });
}

function shown(row: LibraryRow): LibraryShown {
  const { id, name, enabled, scan_on_startup, realtime_monitoring, scanner_config, state, state_reason } = row;
  return {
    id,
    name,
    enabled,
    scan_on_startup,
    realtime_monitoring,
    scanner_config,
    state,
    state_reason,
    type: row.kind,
    paths: [...(row.paths ?? [])],
    ...(row.metadata_provider === null ? {} : { metadata_provider: row.metadata_provider }),
    ...(row.preferred_language === null ? {} : { preferred_language: row.preferred_language }),
    created_at: iso(row.created_at),
    updated_at: iso(row.updated_at),
  };
}

export async function readLibrary(db: Query, id: string): Promise<LibraryShown> {
  const [library] = await readLibraries(db, null, [id]);
  if (!library) throw problem.notFound('library');
  return library;
}

/** Inserts a library in the caller's transaction; a taken name or folder is Problem 409. */
export async function insertLibrary(
  tx: Query,
  id: string,
  library: Omit<LibrarySettings, 'name'> & { readonly name: string; readonly type: 'movie' | 'tvshow' },
  paths: readonly LibraryPath[],
): Promise<void> {
  const inserted = await tx.sql`
    insert into libraries (id, name, kind, enabled, scan_on_startup, realtime_monitoring, metadata_provider, preferred_language, scanner_config)
    values (${id}, ${library.name}, ${library.type}, ${library.enabled ?? true}, ${library.scan_on_startup ?? false},
      ${library.realtime_monitoring ?? false}, ${library.metadata_provider}, ${library.preferred_language}, ${json(library.scanner_config ?? {})})
    on conflict do nothing returning id`;
  if (inserted.length === 0) throw problem.conflict(`A library named '${library.name}' exists already.`);
  await insertPaths(tx, id, paths);
}

async function insertPaths(tx: Query, id: string, paths: readonly LibraryPath[]): Promise<void> {
  const inserted = await tx.sql<{ path: string }>`
    insert into library_paths (library_id, position, path, real_path)
    select ${id}, p.position, p.path, p.real_path
    from unnest(${paths.map((p) => p.path)}::text[], ${paths.map((p) => p.real_path)}::text[]) with ordinality as p(path, real_path, position)
    on conflict do nothing returning path`;
  const taken = paths.find((p) => !inserted.some((row) => row.path === p.path));
  if (taken) throw problem.conflict(`The folder '${taken.path}' belongs to another library already.`);
}

/** Changes what is given; new paths replace the old ones, whose files are then missing to the next scan. */
export async function changeLibrary(
  tx: Query,
  id: string,
  change: LibrarySettings,
  paths: readonly LibraryPath[] | undefined,
): Promise<void> {
  const [clash] = await tx.sql`
    select 1 from libraries where id <> ${id} and lower(name) = lower(${change.name ?? null}::text)`;
  if (clash) throw problem.conflict(`A library named '${change.name}' exists already.`);
  const changed = await tx.sql`
    update libraries set
      name = coalesce(${change.name}, name),
      enabled = coalesce(${change.enabled}::boolean, enabled),
      scan_on_startup = coalesce(${change.scan_on_startup}::boolean, scan_on_startup),
      realtime_monitoring = coalesce(${change.realtime_monitoring}::boolean, realtime_monitoring),
      metadata_provider = coalesce(${change.metadata_provider}, metadata_provider),
      preferred_language = coalesce(${change.preferred_language}, preferred_language),
      scanner_config = coalesce(${change.scanner_config === undefined ? null : json(change.scanner_config)}::jsonb, scanner_config),
      loss_accepted = loss_accepted or ${paths !== undefined},
      updated_at = now()
    where id = ${id} returning id`;
  if (changed.length === 0) throw problem.notFound('library');
  if (paths === undefined) return;
  await tx.sql`delete from library_paths where library_id = ${id}`;
  await insertPaths(tx, id, paths);
}

/** Forgets the library with its files and scans, in the caller's transaction; works stay, as what users did hangs on them. */
export async function deleteLibrary(tx: Query, id: string): Promise<void> {
  await tx.sql`delete from libraries where id = ${id}`;
  await forgetLibrary(tx, id);
}
