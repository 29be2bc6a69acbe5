import { existsSync, readFileSync } from 'node:fs';

/** SIGINT, SIGTERM and a terminal that is closed ask for an orderly end; a second one ends at once. Returns the way to stop listening. */
export function onStopSignals(stop: (signal: NodeJS.Signals) => void): () => void {
  let asked = false;
  const take = (signal: NodeJS.Signals) => {
    if (asked) process.exit(130);
    asked = true;
    stop(signal);
  };
  const signals = ['SIGINT', 'SIGTERM', ...(mayHangUp() ? (['SIGHUP'] as const) : [])] as const;
  for (const signal of signals) process.on(signal, take);
  return () => {
    for (const signal of signals) process.off(signal, take);
  };
}

/** Under nohup the closed terminal is not meant to end us, and a handler would undo that; only Linux tells. */
function mayHangUp(): boolean {
  const file = '/proc/self/status';
  const ignored = existsSync(file) ? /^SigIgn:\s*([0-9a-f]+)$/m.exec(readFileSync(file, 'utf8'))?.[1] : undefined;
  return ignored !== undefined && (BigInt(`0x${ignored}`) & 1n) === 0n;
}
