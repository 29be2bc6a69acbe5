import type { Query } from '../context.ts';
import type { Ids } from '../ids.ts';
import type { NamedWork } from './understood-file.ts';

interface Known {
  readonly id: string;
  readonly work_key: string;
  tmdb_id: number | null;
  imdb_id: string | null;
  tvdb_id: number | null;
}
export interface ResolvedWorks {
  /** The work's id by the key of each name given. */
  readonly idOf: ReadonlyMap<NamedWork, string>;
  readonly added: readonly string[];
}

/** The ids that a name may carry contradict those the work has: two films of one title and year. */
const contradicts = (work: Known, { ids }: NamedWork): boolean =>
  (ids.tmdb !== null && work.tmdb_id !== null && ids.tmdb !== work.tmdb_id) ||
  (ids.imdb !== null && work.imdb_id !== null && ids.imdb !== work.imdb_id) ||
  (ids.tvdb !== null && work.tvdb_id !== null && ids.tvdb !== work.tvdb_id);
const idKeys = (tmdb: number | null, imdb: string | null, tvdb: number | null): string[] => [
  ...(tmdb === null ? [] : [`tmdb:${tmdb}`]),
  ...(imdb === null ? [] : [`imdb:${imdb}`]),
  ...(tvdb === null ? [] : [`tvdb:${tvdb}`]),
];
const idsOfWork = (work: Known): string[] => idKeys(work.tmdb_id, work.imdb_id, work.tvdb_id);
const apart = ({ key, ids }: NamedWork): string => `${key} #${ids.tmdb ?? ids.imdb ?? ids.tvdb ?? ''}`;

/** Finds or makes the works that names mean, in four statements for a batch: by an id they share, else by their key. */
export async function resolveWorks(
  tx: Query,
  table: 'movies' | 'series',
  names: readonly NamedWork[],
  ids: Ids,
): Promise<ResolvedWorks> {
  const known = await knownWorks(tx, table, names);
  const byKey = new Map(known.map((work) => [work.work_key, work]));
  const byId = new Map(known.flatMap((work) => idsOfWork(work).map((key): [string, Known] => [key, work])));
  const idOf = new Map<NamedWork, string>();
  const fresh = new Map<string, { work: Known; name: NamedWork }>();
  const learnt = new Set<Known>();
  for (const name of names) {
    const found = match(name, byKey, byId);
    const work = found ?? emptyWork(ids.next(), byKey.has(name.key) ? apart(name) : name.key);
    if (!found) fresh.set(work.work_key, { work, name });
    byKey.set(work.work_key, work);
    if (learn(work, name) && found) learnt.add(work);
    for (const key of idsOfWork(work)) byId.set(key, work);
    idOf.set(name, work.id);
  }
  const added = await insertWorks(tx, table, [...fresh.values()]);
  const lost = [...fresh.values()].filter(({ work }) => !added.has(work.id));
  if (lost.length > 0) await adopt(tx, table, lost, idOf);
  const toUpdate = [...learnt].filter((work) => !fresh.has(work.work_key));
  if (toUpdate.length > 0) await updateIds(tx, table, toUpdate);
  return { idOf, added: [...added] };
}

const emptyWork = (id: string, key: string): Known => ({
  id,
  work_key: key,
  tmdb_id: null,
  imdb_id: null,
  tvdb_id: null,
});

function match(
  name: NamedWork,
  byKey: ReadonlyMap<string, Known>,
  byId: ReadonlyMap<string, Known>,
): Known | undefined {
  const { tmdb, imdb, tvdb } = name.ids;
  for (const key of idKeys(tmdb, imdb, tvdb)) {
    const sameId = byId.get(key);
    if (sameId) return sameId;
  }
  const sameKey = byKey.get(name.key);
  if (sameKey && !contradicts(sameKey, name)) return sameKey;
  return byKey.get(apart(name));
}

/** Fills ids that the work lacks; true when it did. */
function learn(work: Known, { ids }: NamedWork): boolean {
  const before = [work.tmdb_id, work.imdb_id, work.tvdb_id];
  work.tmdb_id ??= ids.tmdb;
  work.imdb_id ??= ids.imdb;
  work.tvdb_id ??= ids.tvdb;
  return work.tmdb_id !== before[0] || work.imdb_id !== before[1] || work.tvdb_id !== before[2];
}

async function knownWorks(tx: Query, table: 'movies' | 'series', names: readonly NamedWork[]): Promise<Known[]> {
  const keys = [...new Set(names.flatMap((name) => [name.key, apart(name)]))];
  const numbers = (pick: 'tmdb' | 'tvdb'): number[] => names.flatMap(({ ids }) => ids[pick] ?? []);
  const tvdb = table === 'series' ? 'tvdb_id' : 'null::int as tvdb_id';
  return tx.query<Known>(
    `select id, work_key, tmdb_id, imdb_id, ${tvdb} from ${table} where work_key = any($1::text[])
     union select id, work_key, tmdb_id, imdb_id, ${tvdb} from ${table} where tmdb_id = any($2::int[])
     union select id, work_key, tmdb_id, imdb_id, ${tvdb} from ${table} where imdb_id = any($3::text[])
     ${table === 'series' ? 'union select id, work_key, tmdb_id, imdb_id, tvdb_id from series where tvdb_id = any($4::int[])' : ''}
     order by id`,
    [
      keys,
      numbers('tmdb'),
      names.flatMap(({ ids }) => ids.imdb ?? []),
      ...(table === 'series' ? [numbers('tvdb')] : []),
    ],
  );
}

/** In the order of their keys, so that two scans that add the same works wait for each other instead of deadlocking. */
async function insertWorks(
  tx: Query,
  table: 'movies' | 'series',
  fresh: readonly { work: Known; name: NamedWork }[],
): Promise<Set<string>> {
  if (fresh.length === 0) return new Set();
  const tvdb = table === 'series' ? ', tvdb_id' : '';
  const rows = fresh.map(({ work, name }) => ({
    ...work,
    title: name.title,
    sort_title: name.sort_title,
    year: name.year,
  }));
  const inserted = await tx.query<{ id: string }>(
    `insert into ${table} (id, work_key, title, sort_title, year, tmdb_id, imdb_id${tvdb})
     select id, work_key, title, sort_title, year, tmdb_id, imdb_id${tvdb}
     from jsonb_to_recordset($1::jsonb) as r(id uuid, work_key text, title text, sort_title text, year int, tmdb_id int, imdb_id text, tvdb_id int)
     order by work_key collate "C" on conflict (work_key) do nothing returning id`,
    [JSON.stringify(rows)],
  );
  return new Set(inserted.map((row) => row.id));
}

/** Another scan made them first: its works are meant. */
async function adopt(
  tx: Query,
  table: 'movies' | 'series',
  lost: readonly { work: Known; name: NamedWork }[],
  idOf: Map<NamedWork, string>,
): Promise<void> {
  const rows = await tx.query<{ id: string; work_key: string }>(
    `select id, work_key from ${table} where work_key = any($1::text[])`,
    [lost.map(({ work }) => work.work_key)],
  );
  const winner = new Map(rows.map((row) => [row.work_key, row.id]));
  const replaced = new Map(lost.map(({ work }) => [work.id, winner.get(work.work_key)]));
  for (const [name, id] of idOf) {
    const other = replaced.get(id);
    if (other !== undefined) idOf.set(name, other);
  }
}

async function updateIds(tx: Query, table: 'movies' | 'series', works: readonly Known[]): Promise<void> {
  const tvdb = table === 'series' ? ', tvdb_id = coalesce(w.tvdb_id, r.tvdb_id)' : '';
  await tx.query(
    `update ${table} w set tmdb_id = coalesce(w.tmdb_id, r.tmdb_id), imdb_id = coalesce(w.imdb_id, r.imdb_id)${tvdb}, updated_at = now()
     from jsonb_to_recordset($1::jsonb) as r(id uuid, tmdb_id int, imdb_id text, tvdb_id int) where w.id = r.id`,
    [JSON.stringify(works)],
  );
}
