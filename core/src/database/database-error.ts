const MARK = Symbol.for('revenge.database-error');

/** Marks where an error came from: a refused connection of an upstream looks just like one of the database. */
export function markDatabaseError<E>(error: E): E {
  if (error instanceof Error && Object.isExtensible(error)) Object.defineProperty(error, MARK, { value: true });
  return error;
}

/** The database's own error inside this one: TypeORM and our own code wrap it. */
export function databaseErrorIn(error: unknown, depth = 0): (Error & { readonly code?: unknown }) | undefined {
  if (!(error instanceof Error) || depth > 5) return undefined;
  if (MARK in error) return error;
  const { driverError } = error as { readonly driverError?: unknown }; // TypeORM's QueryFailedError
  return databaseErrorIn(driverError, depth + 1) ?? databaseErrorIn(error.cause, depth + 1);
}

/** The SQLSTATE of an error, also when it was wrapped. */
export function sqlState(error: unknown): string | undefined {
  const { code } = databaseErrorIn(error) ?? {};
  return typeof code === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(code) ? code : undefined;
}
