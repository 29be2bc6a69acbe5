/** What the walk's thread is told: `control` is shared memory, [batches it may still post, stop]. */
export interface WalkOrder {
  readonly root: string;
  readonly batchSize: number;
  readonly control: Int32Array;
}

export const CREDITS = 0;
export const STOP = 1;

export type ProblemCode = 'missing' | 'not-a-folder' | 'unreadable' | 'loop' | 'bad-name' | 'vanished' | 'io';

export interface WalkProblem {
  readonly path: string;
  readonly code: ProblemCode;
  readonly message: string;
}

/**
 * A batch as it crosses threads: columns, with the paths below the root in one string, parted by NUL (the one character no path holds), so that
 * 1,000 files cost a few clones and not thousands.
 */
export interface PackedBatch {
  readonly paths: string;
  readonly sizes: Float64Array;
  readonly times: Float64Array;
  readonly kinds: Uint8Array;
  readonly problems: readonly WalkProblem[];
  /** Folders entered since the batch before. */
  readonly folders: number;
}

export type WalkMessage = { readonly batch: PackedBatch } | { readonly done: true };
