import type { JobRun } from '@revenge/sdk';
import type { Ctx } from '../context.ts';
import { queryScans, scanColumns } from '../scans.ts';
import type { ClaimedScan } from './scan-row.ts';

/** Milliseconds between two tellings. */
const EVERY = 500;

/** The scan's row was closed by somebody else: cancelled, or its library deleted. */
export class ScanClosed extends Error {
  override readonly name = 'ScanClosed';
}

/** Tells how far a scan is: its row, the job and the event stream, twice a second at most. */
export class Progress {
  readonly #ctx: Ctx;
  readonly #run: JobRun<unknown>;
  readonly #target: ClaimedScan;
  readonly #expected: number;
  #phase: 'walking' | 'probing' = 'walking';
  #found = 0;
  #done = 0;
  #toProbe = 0;
  #since = performance.now();
  #told = -Infinity;

  /** `expected`: files the library had before, which is all that is known while the folders are read. */
  constructor(ctx: Ctx, run: JobRun<unknown>, target: ClaimedScan, expected: number) {
    this.#ctx = ctx;
    this.#run = run;
    this.#target = target;
    this.#expected = expected;
  }

  /** Throws ScanClosed when the row is not running any more. */
  async found(files: number): Promise<void> {
    this.#found += files;
    await this.#tell();
  }

  async probing(pending: number): Promise<void> {
    this.#phase = 'probing';
    this.#toProbe = pending;
    this.#since = performance.now();
    await this.#tell(true);
  }

  async probed(files: number): Promise<void> {
    this.#done += files;
    await this.#tell();
  }

  async #tell(now = false): Promise<void> {
    if (!now && performance.now() - this.#told < EVERY) return;
    this.#told = performance.now();
    const probing = this.#phase === 'probing';
    const done = probing ? this.#found - Math.max(0, this.#toProbe - this.#done) : this.#found;
    const known = probing ? this.#found : Math.max(this.#found, this.#expected);
    const rate = (probing ? this.#done : this.#found) / Math.max(0.001, (performance.now() - this.#since) / 1000);
    const eta = rate > 0 && probing ? Math.ceil((this.#toProbe - this.#done) / rate) : null;
    const [scan] = await queryScans(
      this.#ctx.db,
      `update library_scans set phase = $2, items_scanned = $3, files_done = $4, files_known = $5, files_per_second = $6, eta_seconds = $7
       where id = $1 and status = 'running' returning ${scanColumns}`,
      [this.#target.scanId, this.#phase, this.#found, probing ? done : 0, known, Math.round(rate * 10) / 10, eta],
    );
    if (!scan) throw new ScanClosed('the scan was cancelled or its library is gone');
    this.#run.progress(this.#ratio(), this.#text(done, known, rate));
    await this.#ctx.events.scanProgress.emit(scan);
  }

  /** Reading the folders counts for a tenth, as probing takes most of the time. */
  #ratio(): number {
    if (this.#phase === 'walking')
      return this.#expected === 0 ? 0 : Math.min(0.1, (0.1 * this.#found) / this.#expected);
    return this.#toProbe === 0 ? 1 : 0.1 + 0.9 * Math.min(1, this.#done / this.#toProbe);
  }

  #text(done: number, known: number, rate: number): string {
    const n = (value: number): string => value.toLocaleString('en-GB');
    const speed = `${n(Math.round(rate))}/s`;
    if (this.#phase === 'walking') return `${this.#target.name}: ${n(this.#found)} files found, ${speed}`;
    return `${this.#target.name}: ${n(done)} of ${n(known)} files, ${speed}`;
  }
}
