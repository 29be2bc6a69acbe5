import { createHash } from 'node:crypto';
import { relative } from 'node:path';
import { parsePath } from '../names/parse-path.ts';
import type { ParsedPath } from '../names/parse-path.ts';
import { workKey } from '../names/work-key.ts';
import { sortTitle } from '../sort-title.ts';
import type { FoundFile } from '../walk/walker.ts';

export interface NamedWork {
  readonly key: string;
  readonly title: string;
  readonly sort_title: string;
  readonly year: number | null;
  readonly ids: ParsedPath['ids'];
}
export interface NamedEpisode {
  readonly season: number;
  readonly episode: number;
  readonly title: string;
  readonly air_date: string | null;
}
/** A found file with what its name says. */
export interface UnderstoodFile {
  readonly path: string;
  readonly size: number;
  readonly mtime_ms: number;
  readonly role: 'main' | 'extra' | 'unknown';
  /** The film, or the series of `episodes`. */
  readonly work?: NamedWork;
  readonly episodes: readonly NamedEpisode[];
  readonly part: number | null;
  /** What the name says of the file itself, kept with it. */
  readonly name: object;
  readonly problem?: { readonly code: string; readonly message: string };
}

export function understand(file: FoundFile, root: string, kind: 'movie' | 'tvshow'): UnderstoodFile {
  const parsed = parsePath(relative(root, file.path), kind);
  const { path, size, mtime_ms } = file;
  const { edition, resolution, source, hdr, languages, extra_type, part } = parsed;
  const base = { path, size, mtime_ms, part, name: { edition, resolution, source, hdr, languages, extra_type } };
  const refuse = (code: string, message: string): UnderstoodFile => ({
    ...base,
    role: 'unknown',
    episodes: [],
    problem: { code, message },
  });
  if (parsed.kind === 'extra') return { ...base, role: 'extra', episodes: [] };
  const key = parsed.title === null ? '' : workKey(parsed);
  if (key === '' || parsed.title === null || parsed.kind === 'unknown')
    return refuse(
      'not-understood',
      'its name does not say what it is; name it as the naming guide of the README shows',
    );
  const { tmdb, imdb, tvdb } = parsed.ids;
  const ids = { tmdb: int4(tmdb), imdb, tvdb: int4(tvdb) };
  const { title } = parsed;
  const work = { key: shortKey(key), title, sort_title: sortTitle(title), year: int4(parsed.year), ids };
  if (kind === 'movie') {
    return parsed.kind === 'movie'
      ? { ...base, role: 'main', work, episodes: [] }
      : refuse('wrong-kind', 'it is named like an episode but lies in a library of films; move it to one of series');
  }
  if (parsed.kind === 'movie')
    return refuse(
      'wrong-kind',
      'it is named like a film but lies in a library of series; move it, or name its season and episode',
    );
  const episodes = episodesOf(parsed);
  if (episodes.length === 0)
    return refuse(
      'no-episode',
      'its name does not say which single episodes it holds; a whole season in one file cannot be listed',
    );
  return { ...base, role: 'main', work, episodes };
}

/** A number beyond PostgreSQL's int is no real one, and would fail the whole batch. */
const int4 = (value: number | null): number | null =>
  value !== null && Number.isInteger(value) && value >= 0 && value < 2 ** 31 ? value : null;

/** The key is unique by index, whose entries are bounded. */
const shortKey = (key: string): string =>
  key.length <= 500 ? key : `${key.slice(0, 400)} ${createHash('sha256').update(key).digest('hex')}`;

/**
 * Numbers that order and identify: a daily show's episode is in the season of its year, numbered month and day; one with an absolute number
 * alone is in season 1. Whatever knows the real numbers later can tell both apart.
 */
function episodesOf(parsed: ParsedPath): NamedEpisode[] {
  const { air_date, episode_title } = parsed;
  const season = int4(parsed.season);
  const episodes = parsed.episodes.filter((e) => int4(e) !== null);
  const absolute_episodes = parsed.absolute_episodes.filter((e) => int4(e) !== null);
  const named = (s: number, e: number): NamedEpisode => ({
    season: s,
    episode: e,
    title: episode_title ?? `Episode ${e}`,
    air_date,
  });
  if (season !== null && episodes.length > 0) return [...new Set(episodes)].map((e) => named(season, e));
  if (air_date !== null) return [named(Number(air_date.slice(0, 4)), Number(air_date.slice(5).replace('-', '')))];
  return [...new Set(absolute_episodes)].map((e) => named(season ?? 1, e));
}
