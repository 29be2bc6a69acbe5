import { problem } from '@revenge/sdk';
import type { Ctx } from './context.ts';
import type { Ids } from './ids.ts';
import { queryScans, readScan, scanColumns, type ScanView } from './scans.ts';

/** Starts, cancels and tidies scans: rows of ours, each run by one job. */
export class ScanRequests {
  readonly #ctx: Ctx;
  readonly #ids: Ids;

  constructor(ctx: Ctx, ids: Ids) {
    this.#ctx = ctx;
    this.#ids = ids;
  }

  /** The row and its job are one commit. Problem 409 while another runs or waits, 404 without the library, 409 when it is disabled. */
  async request(libraryId: string, type: ScanView['scan_type']): Promise<ScanView> {
    const id = this.#ids.next();
    return this.#ctx.db.transaction(async (tx) => {
      const [library] = await tx.sql<{
        enabled: boolean;
      }>`select enabled from libraries where id = ${libraryId} for share`;
      if (!library) throw problem.notFound('library');
      if (!library.enabled) throw problem.conflict('This library is disabled; enable it to scan it.');
      const [inserted] = await tx.sql`
        insert into library_scans (id, library_id, scan_type) values (${id}, ${libraryId}, ${type})
        on conflict (library_id) where status in ('pending', 'running') do nothing returning id`;
      if (!inserted) throw problem.conflict('A scan of this library runs or waits already.');
      const job = await tx.jobs.scan.enqueue({ library_id: libraryId, scan_id: id });
      await tx.sql`update library_scans set job_id = ${job.id} where id = ${id}`;
      const scan = await readScan(tx, libraryId, id);
      if (!scan) throw new Error(`scan ${id} vanished in its own transaction`);
      return scan;
    });
  }

  /** Ends a waiting or running scan; one that is over is Problem 409. What it found so far stays. */
  async cancel(libraryId: string, id: string): Promise<ScanView> {
    const [row] = await this.#ctx.db.sql<{ job_id: string | null }>`
      update library_scans set status = 'cancelled', phase = 'done', eta_seconds = null, completed_at = now()
      where id = ${id} and library_id = ${libraryId} and status in ('pending', 'running') returning job_id`;
    const scan = await readScan(this.#ctx.db, libraryId, id);
    if (!scan) throw problem.notFound('scan');
    if (!row) throw problem.conflict(`This scan is ${scan.status} already.`);
    if (row.job_id !== null) await this.#ctx.jobs.scan.cancel(row.job_id);
    await this.#ctx.events.scanFinished.emit(scan);
    return scan;
  }

  /** Rows whose job is over or gone (a crash at the wrong moment) are closed, so that none stands in the way of the next scan. */
  async reconcile(): Promise<void> {
    const { db, jobs } = this.#ctx;
    const active = await db.sql<{ id: string; job_id: string | null }>`
      select id, job_id from library_scans where status in ('pending', 'running') and created_at < now() - interval '2 seconds'`;
    for (const { id, job_id } of active) {
      const job = job_id === null ? undefined : await jobs.scan.get(job_id);
      if (job?.state === 'waiting' || job?.state === 'running') continue;
      const status = job?.state === 'cancelled' ? 'cancelled' : 'failed';
      const why = job?.error ?? 'the scan was interrupted; start it again';
      const closed = await queryScans(
        db,
        `update library_scans set status = $2, phase = 'done', eta_seconds = null, completed_at = now(),
           error_code = coalesce(error_code, 'interrupted'), error_message = coalesce(error_message, $3)
         where id = $1 and status in ('pending', 'running') returning ${scanColumns}`,
        [id, status, why],
      );
      for (const scan of closed) await this.#ctx.events.scanFinished.emit(scan);
    }
  }
}
