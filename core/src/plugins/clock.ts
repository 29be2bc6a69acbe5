import { type Clock, type Duration } from '@revenge/sdk';
import { milliseconds } from '../lifecycle/duration.ts';
import type { TimeSource } from '../lifecycle/time-source.ts';

interface ClockScope {
  readonly signal: AbortSignal;
  readonly fault: (error: unknown, where: string) => void;
}

/** ctx.clock of one generation: its timers end with it, and what they throw is put to it. */
export function instanceClock(time: TimeSource, scope: ClockScope): Clock {
  return {
    now: () => time.now(),
    sleep: (duration: Duration, signal?: AbortSignal) =>
      sleep(time, milliseconds(duration), signal ? AbortSignal.any([signal, scope.signal]) : scope.signal),
    every: (duration, work) =>
      every(time, milliseconds(duration), scope, async () => {
        try {
          await work();
        } catch (error) {
          scope.fault(error, `every ${duration}`);
        }
      }),
  };
}

/** The next beat is set when the last one came, not when its work ended: slow work may overlap, as with setInterval. */
function every(time: TimeSource, ms: number, { signal }: ClockScope, work: () => Promise<void>): void {
  if (signal.aborted) return;
  let cancel = () => undefined as void;
  const beat = () => {
    cancel = time.after(ms, beat);
    void work();
  };
  cancel = time.after(ms, beat);
  signal.addEventListener('abort', () => cancel(), { once: true });
}

function sleep(time: TimeSource, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done, reject) => {
    if (signal.aborted) return reject(signal.reason as Error);
    const cancel = time.after(ms, () => {
      signal.removeEventListener('abort', abort);
      done();
    });
    const abort = () => {
      cancel();
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', abort, { once: true });
  });
}
