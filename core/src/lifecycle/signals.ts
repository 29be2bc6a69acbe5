/** SIGINT and SIGTERM ask for an orderly end; a second one ends at once. Returns the way to stop listening. */
export function onStopSignals(stop: (signal: NodeJS.Signals) => void): () => void {
  let asked = false;
  const take = (signal: NodeJS.Signals) => {
    if (asked) process.exit(130);
    asked = true;
    stop(signal);
  };
  process.on('SIGINT', take);
  process.on('SIGTERM', take);
  return () => {
    process.off('SIGINT', take);
    process.off('SIGTERM', take);
  };
}
