/**
 * One step of the kernel's own schema `core`. Each area keeps its list in `<area>.migration.ts`; they run once, in the order of their names over
 * all areas, each in a transaction under the migration lock. Expand/contract: the previous release must still run on the result.
 */
export interface CoreMigration {
  /** '<yyyymmdd><nn>-<area>-<what>', unique. */
  readonly name: string;
  /** SQL with names written out (`core.jobs`). */
  readonly up: string;
}
