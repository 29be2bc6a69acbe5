import { type Problem, problem } from '@revenge/sdk';
import { databaseErrorIn, sqlState } from './database-error.ts';

export type DatabaseFault = 'lost' | 'busy' | 'slow' | 'full' | 'read-only';

const BY_STATE: Readonly<Record<string, DatabaseFault>> = {
  '53100': 'full',
  '53200': 'busy', // out of memory
  '53300': 'busy', // too many connections
  '53400': 'busy', // a configured limit
  '55P03': 'busy', // lock_timeout
  '57014': 'slow', // statement_timeout
  '25P04': 'slow', // transaction_timeout
  '25P03': 'slow', // idle_in_transaction_session_timeout
  '57P01': 'lost', // shut down by its administrator
  '57P02': 'lost', // another backend crashed
  '57P03': 'lost', // starting up or shutting down
  '57P04': 'lost', // the database was dropped
  '25006': 'read-only',
  '28P01': 'lost',
  '28000': 'lost',
  '3D000': 'lost',
};
const FULL = /no space left on device|disk quota exceeded/i;
const BY_TEXT: readonly (readonly [RegExp, DatabaseFault])[] = [
  [/timeout exceeded when trying to connect/i, 'busy'],
  [/Query read timeout/, 'slow'],
  [/Connection terminated|not queryable|Client was closed|after calling end on the pool|server login/i, 'lost'],
];

/** What is the matter with the database when a call fails like this; undefined: the statement's own fault, or another's error. */
export function databaseFault(error: unknown): DatabaseFault | undefined {
  const own = databaseErrorIn(error);
  if (!own) return undefined;
  if (FULL.test(own.message)) return 'full';
  const state = sqlState(own);
  if (state !== undefined) return BY_STATE[state] ?? (state.startsWith('08') ? 'lost' : undefined);
  // A socket's errno: ECONNREFUSED, ECONNRESET, ENOENT of a Unix socket, …
  if (typeof own.code === 'string') return 'lost';
  return BY_TEXT.find(([text]) => text.test(own.message))?.[1];
}

/** The answer to a request that failed on the database's state rather than on its own; undefined for every other error. */
export function databaseProblem(error: unknown): Problem | undefined {
  switch (databaseFault(error)) {
    case 'lost':
      return problem.unavailable('The database cannot be reached just now.', '5s', error);
    case 'busy':
      return problem.unavailable('The database has no room for another request just now.', '5s', error);
    case 'slow':
      return problem.unavailable('The database took too long to answer.', '10s', error);
    case 'read-only':
      return problem.unavailable('The database takes no writes just now.', '30s', error);
    case 'full':
      return problem.storageFull(
        'The disk of the database is full: what is there can be read, nothing can be written.',
      );
    case undefined:
      return undefined;
  }
}
