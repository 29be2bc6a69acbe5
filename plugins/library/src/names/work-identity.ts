import type { FolderRoles } from './folders.ts';
import type { NameReading } from './name-reading.ts';
import type { Readings } from './parse-path.ts';
import type { ParsedIds } from './parsed-path.ts';
import { foldTitle } from './work-key.ts';

export interface Identity {
  readonly title: string | null;
  readonly year: number | null;
  readonly ids: ParsedIds;
}

const generic =
  /^(?:movie|video|film|file|title ?t?\d+|main|index|feature|vts \d+ \d+|video ts|0\d{4}|[\da-f]{12,}|[a-z\d]{20,}|(?:cd|dis[ck]|part|dvd) ?\d+|untitled|unknown|episode|ep|e)$/i;

/** Which film or series a path is of: what the file and its folder say, weighed. */
export function findIdentity({ own, work, release, numbering }: Readings, roles: FolderRoles): Identity {
  const isEpisode = numbering !== undefined || roles.season !== null;
  const folder = work?.title === null ? undefined : work;
  if (isEpisode) return seriesIdentity(own, [folder, release], roles);
  if (folder === undefined) return { title: isGeneric(own) ? null : own.title, year: own.year, ids: own.ids };
  if (!prefersFolder(own, folder) && roles.extraType === undefined) {
    return {
      title: own.title,
      year: own.year,
      ids: isRelated(own.title, folder.title) ? merged(own.ids, folder.ids) : own.ids,
    };
  }
  return { title: folder.title, year: folder.year ?? own.year, ids: merged(own.ids, folder.ids) };
}

function seriesIdentity(own: NameReading, folders: readonly (NameReading | undefined)[], roles: FolderRoles): Identity {
  const [work, release] = folders;
  const isObfuscated = own.numbering === undefined && (work?.numbering?.episodes.length ?? 0) > 0;
  const isOwnEmpty = own.title === null || isGeneric(own) || isObfuscated;
  const isTrusted = roles.hasSeasonFolder || roles.extraType !== undefined;
  const folder =
    work !== undefined && (isTrusted || isOwnEmpty || isRelated(own.title, work.title))
      ? work
      : isOwnEmpty
        ? release
        : undefined;
  if (folder === undefined) {
    // "Scrubs.S02.DVDRip/scrubs.s02e05": the folder's capitals.
    const isSame = release !== undefined && foldTitle(own.title ?? '') === foldTitle(release.title ?? '');
    return {
      title: isOwnEmpty ? null : isSame ? release.title : own.title,
      year: own.year ?? release?.year ?? null,
      ids: own.ids,
    };
  }
  return {
    title: folder.title,
    year: folder.year ?? own.year ?? release?.year ?? null,
    ids: merged(own.ids, folder.ids),
  };
}

/** A folder with the year is what its owner wrote with care; one of another year holds a collection. */
function prefersFolder(own: NameReading, folder: NameReading): boolean {
  if (own.title === null || isGeneric(own)) return true;
  if (own.year === null && isRelease(folder)) return true;
  if (folder.year !== null && isSameWithYear(own, folder)) return true;
  if (folder.year !== null) return own.year === null || (own.year === folder.year && !isOtherWork(own, folder));
  if (own.year !== null) return false;
  return hasIds(folder.ids);
}

/** "Charlie.And.Boots.DVDRip.XviD-TheWretched": what is in it may be short for it. */
function isRelease({ group, markers }: NameReading): boolean {
  return group !== null && markers.filter(({ isStrong }) => isStrong).length > 1;
}

/** "Wonder Woman 1984.mkv" in "Wonder Woman 1984 (2020)": what looks like a year is of the title. */
function isSameWithYear(own: NameReading, folder: NameReading): boolean {
  return own.year !== null && foldTitle(`${own.title} ${own.year}`) === foldTitle(folder.title ?? '');
}

/** Two films of one year in one folder share no word. */
function isOtherWork(own: NameReading, folder: NameReading): boolean {
  const words = new Set(foldTitle(folder.title ?? '').split(' '));
  return (
    !foldTitle(own.title ?? '')
      .split(' ')
      .some((word) => words.has(word)) && !/[^\p{ASCII}]/u.test(folder.title ?? '')
  );
}

function isGeneric({ title, year, ids }: NameReading): boolean {
  return title !== null && year === null && !hasIds(ids) && generic.test(title);
}

/** Whether one title is the other or its beginning: "The Office" and "The Office (US)". */
function isRelated(one: string | null, other: string | null): boolean {
  const a = foldTitle(one ?? '');
  const b = foldTitle(other ?? '');
  if (a === '' || b === '') return false;
  return a === b || a.startsWith(`${b} `) || b.startsWith(`${a} `);
}

function hasIds({ tmdb, imdb, tvdb }: ParsedIds): boolean {
  return tmdb !== null || imdb !== null || tvdb !== null;
}

function merged(own: ParsedIds, folder: ParsedIds): ParsedIds {
  return { tmdb: own.tmdb ?? folder.tmdb, imdb: own.imdb ?? folder.imdb, tvdb: own.tvdb ?? folder.tvdb };
}
