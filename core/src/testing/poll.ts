/** Looks until something is found; rejects after `ms` with what was waited for. A test waits for a condition, never for a time. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  ms = 15_000,
): Promise<T> {
  for (const end = Date.now() + ms; ;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`${what}: not within ${ms / 1_000} s`);
    await new Promise((turn) => setTimeout(turn, 20));
  }
}
