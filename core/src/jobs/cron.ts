import { Cron } from 'croner';

/**
 * When a cron line of five fields comes next after `after`, in the server's zone unless told otherwise. A time that daylight saving skips
 * comes once after it, one that it doubles once. undefined: never again. Throws TypeError on a line that is none.
 */
export function nextTime(line: string, after: Date, zone?: string): Date | undefined {
  const cron = new Cron(line, { mode: '5-part', paused: true, ...(zone ? { timezone: zone } : {}) });
  return cron.nextRun(after) ?? undefined;
}
