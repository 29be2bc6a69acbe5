import { type Clock, type Duration } from '@revenge/sdk';
import { milliseconds } from '../lifecycle/duration.ts';

/** ctx.clock of one generation: its timers end with it, and what they throw is put to it. */
export function instanceClock(scope: {
  readonly signal: AbortSignal;
  readonly fault: (error: unknown, where: string) => void;
  now?(): Date;
}): Clock {
  return {
    now: scope.now ?? (() => new Date()),
    sleep: (time: Duration, signal?: AbortSignal) =>
      sleep(milliseconds(time), signal ? AbortSignal.any([signal, scope.signal]) : scope.signal),
    every: (time, work) => {
      const timer = setInterval(() => {
        Promise.resolve()
          .then(work)
          .catch((error: unknown) => scope.fault(error, `every ${time}`));
      }, milliseconds(time));
      scope.signal.addEventListener('abort', () => clearInterval(timer), { once: true });
    },
  };
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done, reject) => {
    if (signal.aborted) return reject(signal.reason as Error);
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort);
      done();
    }, ms);
    signal.addEventListener('abort', abort, { once: true });
  });
}
