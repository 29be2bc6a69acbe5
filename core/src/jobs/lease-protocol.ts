import type { ClientConfig } from 'pg';

/** Where in the shared Int32Array: the main thread's last sign of life (s, cut to 32 bits), and whether it is held to be hung. */
export const HEARTBEAT = 0;
export const HUNG = 1;

export interface LeaseData {
  readonly connection: ClientConfig;
  readonly node: string;
  readonly leaseMs: number;
  readonly renewMs: number;
  readonly reapMs: number;
  readonly hungMs: number;
  /** How often a run may lose its process before it is given up. */
  readonly losses: number;
  readonly shared: SharedArrayBuffer;
}

/** `began`: milliseconds of performance.timeOrigin + performance.now(), taken before the statement. */
export type LeaseMessage =
  | { readonly began: number; readonly kept: readonly string[]; readonly cancelled: readonly string[] }
  | { readonly error: string };
