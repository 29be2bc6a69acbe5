import { findExtraName } from './extras.ts';
import { folderRoles, shelfKind } from './folders.ts';
import type { FolderRoles } from './folders.ts';
import { readName } from './name-reading.ts';
import type { NameReading } from './name-reading.ts';
import type { Numbering } from './numbering.ts';
import type { ParsedKind, ParsedPath } from './parsed-path.ts';
import { splitPath } from './path-parts.ts';
import { qualityOf } from './quality.ts';
import { findIdentity } from './work-identity.ts';

export type { ParsedPath };

/** How a path of a film or an episode is understood; pure, linear in its length, never throws. */
export function parsePath(path: string, hint?: 'movie' | 'tvshow'): ParsedPath {
  const { name, folders } = splitPath(path);
  const shelf = hint ?? shelfKind(folders);
  const roles = folderRoles(folders, (folder) => wholeSeason(readFolder(folder, shelf).numbering), shelf === 'tvshow');
  const readings = readAll(name, roles, shelf);
  const extraType = extraTypeOf(name, roles, readings);
  if (extraType !== null) return describe({ kind: 'extra', readings, roles, extraType });
  const { numbering } = readings;
  if (numbering !== undefined || roles.season !== null)
    return describe({ kind: 'episode', readings, roles, extraType });
  const hasTitle = findIdentity(readings, roles).title !== null;
  return describe({ kind: hasTitle && hint !== 'tvshow' ? 'movie' : 'unknown', readings, roles, extraType });
}

/** The names of one path, read. */
export interface Readings {
  readonly own: NameReading;
  readonly work: NameReading | undefined;
  readonly release: NameReading | undefined;
  readonly numbering: Numbering | undefined;
}

function readAll(name: string, roles: FolderRoles, hint: 'movie' | 'tvshow' | undefined): Readings {
  const extra = findExtraName(name);
  const isAmongFilms = hint === 'movie';
  const own = readName(extra?.name ?? name, { hint, season: roles.season, isAmongFilms, isFolder: false });
  const work = roles.work === undefined ? undefined : readFolder(roles.work, hint);
  const release = roles.release === undefined ? undefined : readFolder(roles.release, hint);
  // A release's folder knows what an obfuscated file in it is.
  const borrowed = work !== undefined && isOneEpisode(work) ? work.numbering : undefined;
  return { own, work, release, numbering: own.numbering ?? borrowed };
}

function isOneEpisode({ numbering, title }: NameReading): boolean {
  return (numbering?.episodes.length ?? 0) > 0 || (typeof numbering?.date === 'string' && title !== null);
}

/** Folders are read as films are: a loose number in one is its title's. */
function readFolder(folder: string, hint: 'movie' | 'tvshow' | undefined): NameReading {
  return readName(folder, { hint: 'movie', season: null, isAmongFilms: hint === 'movie', isFolder: true });
}

function wholeSeason(numbering: Numbering | undefined): number | undefined {
  return numbering === undefined || numbering.episodes.length > 0 ? undefined : (numbering.season ?? undefined);
}

/** A folder of extras that holds a film with its year, below no film, is a shelf: "Shorts/Title (2010).mkv". */
function extraTypeOf(name: string, roles: FolderRoles, { own, work }: Readings): string | null {
  const said = findExtraName(name);
  if (said !== undefined) return said.type;
  if (roles.extraType === undefined) return null;
  const isWork = own.year !== null || own.numbering !== undefined;
  return work === undefined && isWork ? null : roles.extraType;
}

interface Described {
  readonly kind: ParsedKind;
  readonly readings: Readings;
  readonly roles: FolderRoles;
  readonly extraType: string | null;
}

function describe({ kind, readings, roles, extraType }: Described): ParsedPath {
  const { own, work, release, numbering } = readings;
  const isEpisode = kind === 'episode' || (kind === 'extra' && numbering !== undefined);
  const identity = findIdentity(readings, roles);
  const quality = qualityOf([own, release, work].filter((reading) => reading !== undefined));
  return {
    kind,
    title: identity.title,
    episode_title: isEpisode ? episodeTitleOf(readings, identity.title) : null,
    year: identity.year,
    season: isEpisode ? (numbering?.season ?? seasonOf(roles, numbering)) : null,
    episodes: isEpisode ? [...(numbering?.episodes ?? [])] : [],
    absolute_episodes: isEpisode ? [...(numbering?.absolute ?? [])] : [],
    air_date: isEpisode ? (numbering?.date ?? null) : null,
    ids: identity.ids,
    edition: own.edition ?? work?.edition ?? null,
    ...quality,
    part: isEpisode ? null : (own.part ?? roles.part),
    extra_type: extraType,
  };
}

/** In a season's folder a name without a number is the episode's title, unless it is the series'. */
function episodeTitleOf({ own, work, numbering }: Readings, series: string | null): string | null {
  if (own.numbering !== undefined) return own.episodeTitle;
  if (numbering !== undefined && numbering === work?.numbering) return work.episodeTitle;
  return numbering === undefined && own.title !== series && series !== null ? own.title : null;
}

/** A day or an absolute number stands for itself; everything else in a season's folder is of that season. */
function seasonOf(roles: FolderRoles, numbering: Numbering | undefined): number | null {
  return numbering?.date === undefined || numbering.date === null ? roles.season : null;
}
