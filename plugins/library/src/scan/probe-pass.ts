import type { Db } from '../context.ts';
import type { Prober, ProbeResult } from '../probe/prober.ts';
import { plainTextOf } from '../plain-text.ts';
import type { Slots } from '../slots.ts';
import { storeProblems, type ScanTarget } from './store-batch.ts';

/** Files taken from the table at a time, and results written at a time. */
const PAGE = 500;
const WRITE = 100;
/** Milliseconds after which results are written even when they are few, so that a slow disk shows what it gave. */
const PATIENCE = 1_000;

interface Pending {
  readonly id: string;
  readonly number: number;
  readonly path: string;
  readonly size: number;
  readonly mtime_ms: number;
}

export interface ProbePass {
  readonly db: Db;
  readonly prober: Prober;
  readonly turn: Slots;
  readonly target: ScanTarget;
  readonly signal: AbortSignal;
  /** Told the results as they are written. */
  readonly done: (results: readonly ProbeResult[]) => Promise<void>;
}

/** How many files of the library wait to be probed. */
export async function countPending(db: Db, libraryId: string): Promise<number> {
  const [row] = await db.sql<{ n: number }>`
    select count(*) as n from media_files where library_id = ${libraryId} and probe_state = 'pending' and removed_at is null`;
  return row?.n ?? 0;
}

/** Probes what waits, page by page. The table is the list of what is left, so a scan that is started again goes on where it was. */
export async function probePending(pass: ProbePass): Promise<void> {
  const { db, prober, target, signal } = pass;
  for (let last = 0; ;) {
    const page = await db.sql<Pending>`
      select id, number, path, size, mtime_ms from media_files
      where library_id = ${target.libraryId} and probe_state = 'pending' and removed_at is null and number > ${last}
      order by number limit ${PAGE}`;
    if (page.length === 0) return;
    last = page.at(-1)?.number ?? last;
    const byPath = new Map(page.map((file) => [file.path, file]));
    let results: ProbeResult[] = [];
    let since = performance.now();
    const write = async (): Promise<void> => {
      await pass.turn.during(signal, () => store(pass, byPath, results));
      await pass.done(results);
      results = [];
      since = performance.now();
    };
    for await (const result of prober.probe(byPath.keys(), signal)) {
      results.push(result);
      if (results.length >= WRITE || performance.now() - since > PATIENCE) await write();
    }
    if (results.length > 0) await write();
  }
}

async function store(
  pass: ProbePass,
  byPath: ReadonlyMap<string, Pending>,
  results: readonly ProbeResult[],
): Promise<void> {
  const { db, target } = pass;
  const rows = results.flatMap((result) => {
    const file = byPath.get(result.path);
    return file ? [row(file, result)] : [];
  });
  await db.transaction(async (tx) => {
    await tx.query(
      `update media_files f set probe_state = r.probe_state, container = r.container, duration_seconds = r.duration_seconds,
         bitrate_kbps = r.bitrate_kbps, streams = r.streams, probed_at = now(), updated_at = now(),
         problem_code = case when f.role = 'unknown' then f.problem_code else r.problem_code end,
         problem = case when f.role = 'unknown' then f.problem else r.problem end
       from jsonb_to_recordset($1::jsonb) as r(id uuid, size bigint, mtime_ms bigint, probe_state text, container text,
         duration_seconds double precision, bitrate_kbps int, streams jsonb, problem_code text, problem text)
       where f.id = r.id and f.size = r.size and f.mtime_ms = r.mtime_ms`,
      [JSON.stringify(rows)],
    );
    const ids = rows.filter((r) => r.duration_seconds !== null).map((r) => r.id);
    if (ids.length > 0) await tx.query(target.kind === 'movie' ? movieRuntimes : episodeRuntimes, [ids]);
  });
  await storeProblems(
    db,
    target.scanId,
    results.flatMap((r) => (r.ok ? [] : [{ path: r.path, code: r.code, message: r.message }])),
  );
}

const minutes = 'greatest(1, round(f.duration_seconds / 60)::int)';
const movieRuntimes = `update movies m set runtime = ${minutes} from movie_files mf join media_files f on f.id = mf.file_id
  where f.id = any($1::uuid[]) and mf.movie_id = m.id and mf.part is null and m.runtime is null`;
const episodeRuntimes = `update episodes e set runtime = ${minutes} from episode_files ef join media_files f on f.id = ef.file_id
  where f.id = any($1::uuid[]) and ef.episode_id = e.id and ef.part is null and e.runtime is null
    and (select count(*) from episode_files o where o.file_id = f.id) = 1`;

function row(file: Pending, result: ProbeResult) {
  const { id, size, mtime_ms } = file;
  if (!result.ok) {
    // What may be readable next time is asked again by the next scan; what the bytes themselves lack is not.
    const again = result.code === 'unreadable' || result.code === 'timeout';
    return {
      id,
      size,
      mtime_ms,
      probe_state: again ? 'pending' : 'failed',
      container: null,
      duration_seconds: null,
      bitrate_kbps: null,
      streams: [],
      problem_code: result.code,
      problem: storable(result.message),
    };
  }
  const { container, duration_seconds, bitrate_kbps, streams } = result;
  return {
    id,
    size,
    mtime_ms,
    probe_state: 'ok',
    container,
    duration_seconds: finite(duration_seconds),
    bitrate_kbps: finite(bitrate_kbps) === null ? null : Math.min(Math.round(bitrate_kbps ?? 0), 2 ** 31 - 1),
    streams: streams.map((stream) =>
      Object.fromEntries(Object.entries(stream).map(([k, v]) => [k, typeof v === 'string' ? storable(v) : v])),
    ),
    problem_code: null,
    problem: null,
  };
}

/** Text from inside a file may hold what PostgreSQL cannot: NUL and halves of characters. */
const storable = (text: string): string => plainTextOf(text.slice(0, 2_000));
const finite = (value: number | null): number | null =>
  value !== null && Number.isFinite(value) && value >= 0 ? value : null;
