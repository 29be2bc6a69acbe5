import type { Authenticator } from '@revenge/sdk';

/** Ids of libraries, or null for all of them: what `visibleLibraries` and queries take. */
export type Scope = readonly string[] | null;

/** What the user holds a grant on, as queries take it. */
export async function scopeOf(access: Authenticator, userId: string, grant = 'library:view'): Promise<Scope> {
  const granted = await access.granted(userId, grant);
  return granted === '*' ? null : granted.filter((id) => uuid.test(id));
}
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** SQL for the ids of the enabled libraries in the scope that is bound at `$place`. */
export const visibleLibraries = (place: number): string =>
  `select l.id from libraries l where l.enabled and ($${place}::uuid[] is null or l.id = any($${place}::uuid[]))`;

export const iso = (time: Date): string => time.toISOString();
export const isoOrNull = (time: Date | null): string | null => time?.toISOString() ?? null;
