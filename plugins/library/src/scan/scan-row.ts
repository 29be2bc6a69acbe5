import type { Ctx, Query } from '../context.ts';
import { queryScans, scanColumns, type ScanView } from '../scans.ts';
import type { ScanTarget } from './store-batch.ts';

/** Scans kept for each library. */
const HISTORY = 50;

export interface ClaimedScan extends ScanTarget {
  readonly name: string;
  readonly type: ScanView['scan_type'];
  /** It waited until now; false when a run before this one was cut off. */
  readonly isFirstRun: boolean;
  readonly roots: readonly string[];
  readonly isLossAccepted: boolean;
  /** Files the library had at the start. */
  readonly known: number;
}

/** Takes the scan's row for this run; undefined when it is over, cancelled or gone with its library. */
export async function claimScan(db: Query, scanId: string): Promise<ClaimedScan | undefined> {
  const [row] = await db.sql<Omit<ClaimedScan, 'roots'> & { roots: string[] | null }>`
    with before as (select id, status from library_scans where id = ${scanId}),
    claimed as (
      update library_scans s set status = 'running', phase = 'walking', started_at = coalesce(s.started_at, now()),
        items_scanned = 0, files_done = 0, files_known = 0
      where s.id = ${scanId} and s.status in ('pending', 'running') returning s.id, s.library_id, s.scan_type)
    select c.id as "scanId", l.id as "libraryId", l.name, l.kind, c.scan_type as type, b.status = 'pending' as "isFirstRun",
      l.loss_accepted as "isLossAccepted",
      (select array_agg(p.path order by p.position) from library_paths p where p.library_id = l.id) as roots,
      (select count(*) from media_files f where f.library_id = l.id and f.removed_at is null) as known
    from claimed c join before b on b.id = c.id join libraries l on l.id = c.library_id`;
  return row && { ...row, roots: row.roots ?? [] };
}

/** Closes a running scan, keeps the history short, and tells everybody; undefined when somebody else closed it. */
export async function closeScan(
  ctx: Ctx,
  target: ScanTarget,
  end: {
    readonly status: 'completed' | 'failed';
    readonly code?: string;
    readonly message?: string;
    readonly files?: number;
  },
): Promise<ScanView | undefined> {
  return ctx.db.transaction(async (tx) => {
    const [scan] = await queryScans(
      tx,
      `update library_scans set status = $2, phase = 'done', completed_at = now(), eta_seconds = null, error_code = $3, error_message = $4,
         items_scanned = coalesce($5::bigint, items_scanned), files_known = coalesce($5::bigint, files_known),
         files_done = coalesce($5::bigint, files_done)
       where id = $1 and status = 'running' returning ${scanColumns}`,
      [target.scanId, end.status, end.code, end.message, end.files],
    );
    if (!scan) return undefined;
    await tx.sql`
      delete from library_scans where library_id = ${target.libraryId} and id in (
        select id from library_scans where library_id = ${target.libraryId} order by created_at desc, id desc offset ${HISTORY})`;
    await tx.events.scanFinished.emit(scan);
    return scan;
  });
}

export async function isRunning(db: Query, scanId: string): Promise<boolean> {
  const rows = await db.sql`select 1 from library_scans where id = ${scanId} and status = 'running'`;
  return rows.length > 0;
}
