import type { NeedsAuth } from '@revenge/sdk';

export const needsAuthText = ({ message, field }: NeedsAuth): string =>
  field ? `${message} Edit '${field}' in its settings.` : message;
export const firstLineOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]!.slice(0, 500);

/** What goes away by itself: a database or a host that does not answer now. PostgreSQL classes 08, 57, 53; Node's connection errors. */
export function transient(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const { code } = at as { code?: unknown };
    if (typeof code === 'string' && /^(08|57P|53)|^E(CONNREFUSED|CONNRESET|PIPE|TIMEDOUT|AI_AGAIN)$/.test(code))
      return true;
    if (/Connection terminated|timeout exceeded when trying to connect/i.test(at.message)) return true;
  }
  return false;
}
