import type { JobState } from '@revenge/sdk';
import { instanceKey, type InstanceRef } from '../lifecycle/attribution.ts';
import type { JobRow, JobRowState } from './job-queue.ts';

/** A row of core.jobs as a claim answers it. */
export interface ClaimedRow {
  readonly id: string;
  readonly input: unknown;
  readonly attempt: number;
  readonly max_attempts: number;
  readonly cron_line: string | null;
  readonly lease_token: string;
  readonly run_at: Date;
  readonly started_at: Date;
}

export type WaitingState = 'available' | 'scheduled' | 'retryable' | 'pending';
export type FinishedState = 'completed' | 'discarded' | 'cancelled';

/** Both tables answer these, so that one list spans them. */
const SHARED =
  'id, type, instance, state, attempt, max_attempts, progress, progress_text, error, input, created_at, run_at, started_at';
export const LIVE_COLUMNS = `${SHARED}, NULL::timestamptz AS finished_at`;
export const HISTORY_COLUMNS = `${SHARED}, finished_at`;

export const jobType = (owner: InstanceRef, name: string): string => `${owner.plugin}.${name}`;

/** 'library.scan', 'radarr:uhd sync': how a log names a job of an instance. */
export const laneName = (owner: InstanceRef, name: string): string => `${instanceKey(owner)} ${name}`;

/** What a plugin is told: five states instead of eight. */
export function toJobState(row: JobRow): JobState {
  return {
    id: row.id,
    state: plainState(row.state),
    progress: row.progress,
    ...(row.progress_text === null ? {} : { text: row.progress_text }),
    ...(row.error === null ? {} : { error: row.error }),
  };
}

function plainState(state: JobRowState): JobState['state'] {
  if (state === 'running' || state === 'cancelled') return state;
  if (state === 'completed') return 'done';
  return state === 'discarded' ? 'failed' : 'waiting';
}

/** Short, as it is stored and shown: the message and its causes' in 2,000 characters. */
export function errorText(error: unknown): string {
  const parts: string[] = [];
  for (let at: unknown = error; at !== undefined && parts.length < 5;) {
    parts.push(at instanceof Error ? `${at.name}: ${at.message}` : String(at));
    at = at instanceof Error ? at.cause : undefined;
  }
  // PostgreSQL's text takes no NUL.
  return parts.join(' ← ').replaceAll('\0', '').slice(0, 2_000);
}
