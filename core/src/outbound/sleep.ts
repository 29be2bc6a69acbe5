import { setTimeout as wait } from 'node:timers/promises';

/** Rejects with the signal's own reason, not with a second error about it. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await wait(ms, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
