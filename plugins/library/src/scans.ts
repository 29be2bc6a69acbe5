import type { SqlValue } from '@revenge/sdk';
import type { z } from 'zod';
import type { Scan } from './api/library-schemas.ts';
import type { Query } from './context.ts';
import { iso } from './visibility.ts';

export type ScanView = z.infer<typeof Scan>;

interface ScanRow {
  readonly id: string;
  readonly library_id: string;
  readonly scan_type: ScanView['scan_type'];
  readonly status: ScanView['status'];
  readonly phase: ScanView['progress']['phase'];
  readonly items_scanned: number;
  readonly items_added: number;
  readonly items_updated: number;
  readonly items_removed: number;
  readonly error_count: number;
  readonly files_done: number;
  readonly files_known: number;
  readonly files_per_second: number;
  readonly eta_seconds: number | null;
  readonly error_code: string | null;
  readonly error_message: string | null;
  readonly started_at: Date | null;
  readonly completed_at: Date | null;
  readonly created_at: Date;
}

/** The columns of a scan as `scanView` reads them. */
export const scanColumns = `id, library_id, scan_type, status, phase, items_scanned, items_added, items_updated, items_removed,
  error_count, files_done, files_known, files_per_second, eta_seconds, error_code, error_message, started_at, completed_at, created_at`;

function scanView(row: ScanRow): ScanView {
  const { id, library_id, scan_type, status, items_scanned, items_added, items_updated, items_removed } = row;
  return {
    id,
    library_id,
    scan_type,
    status,
    items_scanned,
    items_added,
    items_updated,
    items_removed,
    error_count: row.error_count,
    ...(row.error_code === null ? {} : { error_code: row.error_code }),
    ...(row.error_message === null ? {} : { error_message: row.error_message }),
    progress: {
      phase: row.phase,
      files_done: row.files_done,
      files_known: row.files_known,
      files_per_second: row.files_per_second,
      eta_seconds: row.eta_seconds,
    },
    ...(row.started_at === null ? {} : { started_at: iso(row.started_at) }),
    ...(row.completed_at === null ? {} : { completed_at: iso(row.completed_at) }),
    created_at: iso(row.created_at),
  };
}

/** Runs SQL whose rows have `scanColumns`. */
export async function queryScans(db: Query, text: string, values: readonly SqlValue[]): Promise<ScanView[]> {
  return (await db.query<ScanRow>(text, values)).map(scanView);
}

export async function readScan(db: Query, libraryId: string, id: string): Promise<ScanView | undefined> {
  const [scan] = await queryScans(db, `select ${scanColumns} from library_scans where id = $1 and library_id = $2`, [
    id,
    libraryId,
  ]);
  return scan;
}

/** The newest scan of each library, by library. */
export async function latestScans(db: Query, libraryIds: readonly string[]): Promise<ReadonlyMap<string, ScanView>> {
  const scans = await queryScans(
    db,
    `select s.* from unnest($1::uuid[]) as wanted(id), lateral (
       select ${scanColumns} from library_scans where library_id = wanted.id order by created_at desc, id desc limit 1) s`,
    [libraryIds],
  );
  return new Map(scans.map((scan) => [scan.library_id, scan]));
}

export async function listScans(
  db: Query,
  libraryId: string,
  page: { readonly limit: number; readonly offset: number },
): Promise<{ scans: ScanView[]; total: number }> {
  const scans = await queryScans(
    db,
    `select ${scanColumns} from library_scans where library_id = $1 order by created_at desc, id desc limit $2 offset $3`,
    [libraryId, page.limit, page.offset],
  );
  const [counted] = await db.sql<{
    total: number;
  }>`select count(*) as total from library_scans where library_id = ${libraryId}`;
  return { scans, total: counted?.total ?? 0 };
}

/** The first problems of a scan, by path. */
export async function scanProblems(
  db: Query,
  id: string,
  limit: number,
): Promise<{ path: string; code: string; message: string }[]> {
  return db.sql`select path, code, message from scan_problems where scan_id = ${id} order by path, code limit ${limit}`;
}
