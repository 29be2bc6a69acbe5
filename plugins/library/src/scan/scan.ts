import { GiveUp, type JobRun } from '@revenge/sdk';
import type { Ctx } from '../context.ts';
import type { Ids } from '../ids.ts';
import type { Prober } from '../probe/prober.ts';
import type { ScanView } from '../scans.ts';
import type { Slots } from '../slots.ts';
import type { FoundFile, Walker } from '../walk/walker.ts';
import { changedFiles } from './known-files.ts';
import { NumberSet } from './number-set.ts';
import type { NameReader } from './name-reader.ts';
import { countPending, probePending } from './probe-pass.ts';
import { Progress, ScanClosed } from './progress.ts';
import { requireRoots, ScanFailed } from './roots.ts';
import { claimScan, closeScan, isRunning, type ClaimedScan } from './scan-row.ts';
import { Statistics } from './statistics.ts';
import { storeBatch, storeProblems } from './store-batch.ts';
import { findMissing, isSuspicious, removeMissing } from './sweep.ts';

/** Files stored in one transaction. */
const STORE = 250;

export interface ScanParts {
  readonly ctx: Ctx;
  readonly ids: Ids;
  readonly walker: Walker;
  readonly names: NameReader;
  readonly prober: Prober;
  /** Of one: scans that run at once store in turn, so that requests find a core and a connection free. */
  readonly turn: Slots;
}
type Run = JobRun<{ readonly library_id: string; readonly scan_id: string }>;

/**
 * One scan as a pipeline: folders are walked in a thread, each batch is compared with what is known, new files are listed at once, missing
 * ones become tombstones, and what is new or changed is probed. All state is in tables: run again after a crash, it goes on to the same result.
 */
export class Scan {
  readonly #parts: ScanParts;
  readonly #run: Run;
  readonly #scan: ClaimedScan;
  readonly #progress: Progress;
  readonly #seen = new NumberSet();
  readonly #unreadable = new Set<string>();
  readonly #statistics = new Statistics();
  readonly #foundIn = new Map<string, number>();

  private constructor(parts: ScanParts, run: Run, scan: ClaimedScan) {
    this.#parts = parts;
    this.#run = run;
    this.#scan = scan;
    this.#progress = new Progress(parts.ctx, run, scan, scan.known);
  }

  /** The job's work. Returns when the scan's row is closed; throws GiveUp when the scan failed for good, anything else to run again. */
  static async run(parts: ScanParts, run: Run): Promise<void> {
    const { ctx } = parts;
    const scan = await claimScan(ctx.db, run.input.scan_id);
    if (!scan) return;
    const started = performance.now();
    const library_id = scan.libraryId;
    ctx.status.say(`Scanning ${scan.name} (${scan.roots.join(', ')}) …`);
    ctx.log.info('scan started', { library_id, scan_id: scan.scanId, type: scan.type, attempt: run.attempt });
    try {
      const files = await new Scan(parts, run, scan).#work();
      const closed = await closeScan(ctx, scan, { status: 'completed', files });
      ctx.metrics.scanDuration.observe({ library_id }, (performance.now() - started) / 1000);
      if (closed) ctx.status.say(outcome(scan.name, closed));
      ctx.log.info('scan completed', { library_id, scan_id: scan.scanId, files, added: closed?.items_added ?? 0 });
    } catch (error) {
      await failed(ctx, run, scan, error);
    }
  }

  async #work(): Promise<number> {
    const { ctx, prober, turn } = this.#parts;
    const scan = this.#scan;
    const signal = this.#run.signal;
    if (scan.type === 'metadata' && scan.isFirstRun)
      await ctx.db.sql`
      update media_files set probe_state = 'pending', parser = 0 where library_id = ${scan.libraryId} and removed_at is null`;
    await requireRoots(ctx.db, scan);
    let found = 0;
    for (const root of scan.roots) found += await this.#walk(root);
    await requireRoots(ctx.db, scan, this.#foundIn);
    await this.#sweep();
    await turn.during(signal, () => this.#statistics.end(ctx.db));
    await this.#progress.probing(await countPending(ctx.db, scan.libraryId));
    await probePending({
      db: ctx.db,
      prober,
      turn,
      target: scan,
      signal,
      done: async (results) => {
        for (const result of results) if (!result.ok) this.#countError(result.code);
        await this.#progress.probed(results.length);
      },
    });
    return found;
  }

  async #walk(root: string): Promise<number> {
    const { ctx, walker } = this.#parts;
    const counter = ctx.metrics.filesScanned.bind({ library_id: this.#scan.libraryId });
    let found = 0;
    for await (const batch of walker.walk(root, { signal: this.#run.signal })) {
      const files = batch.files.filter((file) => file.kind === 'video');
      await this.#store(root, await changedFiles(ctx.db, this.#scan.libraryId, files, this.#seen));
      for (const { path, code } of batch.problems) {
        this.#unreadable.add(path);
        this.#countError(code);
      }
      await storeProblems(ctx.db, this.#scan.scanId, batch.problems);
      found += files.length;
      counter.inc(files.length);
      await this.#progress.found(files.length);
    }
    this.#foundIn.set(root, found);
    return found;
  }

  async #store(root: string, changed: readonly FoundFile[]): Promise<void> {
    const { ctx, ids, names, turn } = this.#parts;
    const { kind } = this.#scan;
    const { signal } = this.#run;
    for (let at = 0; at < changed.length; at += STORE) {
      const files = changed.slice(at, at + STORE);
      await turn.during(signal, async () => {
        const understood = await names.files({ root, kind, files });
        for (const number of await storeBatch(ctx.db, ids, this.#scan, understood)) this.#seen.add(number);
        await this.#statistics.added(ctx.db, files.length);
      });
    }
  }

  /** Removes what is missing, unless so much is that the library is frozen instead; thaws one whose files are back. */
  async #sweep(): Promise<void> {
    const { db } = this.#parts.ctx;
    const { libraryId, isLossAccepted } = this.#scan;
    const missing = await findMissing(db, libraryId, this.#seen, this.#unreadable, this.#run.signal);
    if (isSuspicious(missing) && !isLossAccepted) {
      const reason =
        `${missing.numbers.length} of ${missing.known} files are missing: is a disk not mounted? Nothing was removed. ` +
        `If they are gone for good, confirm it by POST /api/v1/libraries/${libraryId}/unfreeze.`;
      await db.sql`update libraries set state = 'frozen', state_reason = ${reason} where id = ${libraryId}`;
      throw new ScanFailed('too-many-missing', reason);
    }
    await removeMissing(db, this.#scan, missing.numbers, this.#run.signal);
    await db.sql`
      update libraries set state = 'ok', state_reason = null, loss_accepted = loss_accepted and not ${isLossAccepted}
      where id = ${libraryId} and (state <> 'ok' or loss_accepted)`;
  }

  #countError(error_type: string): void {
    this.#parts.ctx.metrics.scanErrors.inc({ library_id: this.#scan.libraryId, error_type });
  }
}

const outcome = (name: string, { items_scanned, items_added, error_count }: ScanView): string =>
  `${name}: ${items_scanned.toLocaleString('en-GB')} files, ${items_added.toLocaleString('en-GB')} added, ${error_count.toLocaleString('en-GB')} with problems`;

/** Closes the row when the failure is the scan's last word, leaves it running when the job will run again. */
async function failed(ctx: Ctx, run: Run, scan: ClaimedScan, error: unknown): Promise<void> {
  const { libraryId: library_id, scanId: scan_id } = scan;
  if (error instanceof ScanClosed || !(await isRunning(ctx.db, scan_id))) {
    ctx.log.info('scan ended early', { library_id, scan_id });
    return;
  }
  if (error instanceof ScanFailed) {
    await closeScan(ctx, scan, { status: 'failed', code: error.code, message: error.message });
    ctx.status.say(`${scan.name}: the scan failed. ${error.message}`);
    ctx.metrics.scanErrors.inc({ library_id, error_type: error.code });
    throw new GiveUp(error.message, { cause: error });
  }
  if (run.last && !ctx.signal.aborted)
    await closeScan(ctx, scan, {
      status: 'failed',
      code: 'internal',
      message: 'The scan failed unexpectedly; the log tells why. Start it again.',
    });
  throw error;
}
