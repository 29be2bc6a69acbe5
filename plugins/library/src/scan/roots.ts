import type { Query } from '../context.ts';
import { checkRoot } from '../walk/root-state.ts';
import type { ClaimedScan } from './scan-row.ts';

/** Ends a scan with a code for programs and a sentence for people; nothing is removed, and it is not tried again by itself. */
export class ScanFailed extends Error {
  override readonly name = 'ScanFailed';
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** Throws ScanFailed for a folder that is gone, cannot be read, or is suddenly empty (a disk that is not mounted). */
export async function requireRoots(db: Query, scan: ClaimedScan, foundIn?: ReadonlyMap<string, number>): Promise<void> {
  for (const root of scan.roots) {
    const state = await checkRoot(root);
    if (!state.ok)
      throw new ScanFailed(
        `root-${state.code}`,
        `The folder '${root}' cannot be scanned: ${state.message}. Nothing was removed.`,
      );
    const isEmpty = state.empty || foundIn?.get(root) === 0;
    if (!isEmpty || scan.isLossAccepted || !(await hasFiles(db, scan.libraryId, root))) continue;
    throw new ScanFailed(
      'root-empty',
      `The folder '${root}' held files and is empty now: is its disk mounted? Nothing was removed. If they are gone for good, confirm it by POST /api/v1/libraries/${scan.libraryId}/unfreeze.`,
    );
  }
}

async function hasFiles(db: Query, libraryId: string, root: string): Promise<boolean> {
  const below = root.endsWith('/') ? root : `${root}/`;
  const rows = await db.sql`
    select 1 from media_files where library_id = ${libraryId} and removed_at is null and starts_with(path, ${below}) limit 1`;
  return rows.length > 0;
}
