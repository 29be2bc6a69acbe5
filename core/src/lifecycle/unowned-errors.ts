import { type InstanceRef, runningInstance } from './attribution.ts';

/**
 * Errors outside any call. One whose async context belongs to an instance is that instance's (`own` answers true); any other one means that the
 * process can no longer be trusted: `fatal` drains and ends it. Returns the way to stop listening.
 */
export function catchUnownedErrors(
  own: (ref: InstanceRef | undefined, error: unknown) => boolean,
  fatal: (error: unknown) => void,
): () => void {
  const take = (error: unknown) => {
    if (!own(runningInstance(), error)) fatal(error);
  };
  process.on('uncaughtException', take);
  process.on('unhandledRejection', take);
  return () => {
    process.off('uncaughtException', take);
    process.off('unhandledRejection', take);
  };
}
