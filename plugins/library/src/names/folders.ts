import { folderExtraType } from './extras.ts';
import { findMarkers } from './markers.ts';
import { folderSeason } from './season-numbers.ts';
import { isAllMarkers } from './years.ts';

/** The folders above a file, by what they are for. */
export interface FolderRoles {
  readonly season: number | null;
  /** The season's folder where it carries more than its number: a release's name. */
  readonly release: string | undefined;
  /** The folder of the film or the series. */
  readonly work: string | undefined;
  readonly extraType: string | undefined;
  /** Whether a season's folder parts the file from the work's. */
  readonly hasSeasonFolder: boolean;
  /** From the folder of a disc: "CD2". */
  readonly part: number | null;
}

/** Folders that libraries and downloads are kept in; they name no work. */
const shelf =
  /^(?:.*[\\/])?(?:movies?|films?|filme|películas|peliculas|cinema|кино|фильмы|tv|tv[ ._-]?shows?|shows|series|serien|séries|сериалы|anime|animes|cartoons?|documentar(?:y|ies)|kids|media|video|videos|downloads?|complete|completed|incomplete|torrents?|usenet|data|mnt|media\d?|nas|share|volume\d*|storage|library|home|srv|root|tmp|users?|public|plex|jellyfin|emby|radarr|sonarr|\d{1,2}k|uhd|4k[ ._-](?:movies|films)|(?:movies|films|tv)[ ._-]?(?:4k|hd|uhd|kids|3d)|[a-z]|[#\d]|0-9)$/iu;
const disc = /^(?:cd|dis[ck]|dvd|part)[ ._-]?(?<number>\d{1,2})$/i;
const structure = /^(?:video_ts|bdmv|stream|certificate|backup|playlist)$/i;

export function isShelf(folder: string): boolean {
  return shelf.test(folder.trim());
}

const filmShelf =
  /^(?:(?:4k|hd|uhd|kids)[ ._-])?(?:movies?|films?|filme|películas|peliculas|кино|фильмы)(?:[ ._-](?:4k|hd|uhd|kids|3d))?$/iu;
const seriesShelf =
  /^(?:(?:4k|hd|uhd|kids)[ ._-])?(?:tv|tv[ ._-]?(?:shows?|series)|shows|series|serien|séries|сериалы)(?:[ ._-](?:4k|hd|uhd|kids))?$/iu;

/** What the nearest shelf above a file holds, by its name. */
export function shelfKind(folders: readonly string[]): 'movie' | 'tvshow' | undefined {
  for (const folder of folders) {
    if (filmShelf.test(folder.trim())) return 'movie';
    if (seriesShelf.test(folder.trim())) return 'tvshow';
  }
  return undefined;
}

/** "Show/02": a number alone below a series' folder. */
function bareSeason(folder: string, above: string | undefined): number | undefined {
  return /^\d{1,2}$/.test(folder) && above !== undefined && !isShelf(above) ? Number(folder) : undefined;
}

/** "Film (2010)/1080p": a folder that says nothing but the quality. */
function isQuality(folder: string): boolean {
  if (folder.length > 40 || !/\d{3,4}p|remux|blu-?ray|web|dvd|hdtv|[xh]\.?26|hevc/i.test(folder)) return false;
  const markers = findMarkers(folder);
  return markers.some((marker) => marker.isStrong) && isAllMarkers(folder, markers, { start: 0, end: folder.length });
}

/** What each folder above a file is, the nearest first. */
export function folderRoles(
  folders: readonly string[],
  isSeasonRelease: (folder: string) => number | undefined,
  isOfSeries: boolean,
): FolderRoles {
  let index = 0;
  let part: number | null = null;
  let extraType: string | undefined;
  let season: number | null = null;
  let release: string | undefined;
  let hasSeasonFolder = false;
  for (; index < folders.length; index++) {
    const folder = folders[index] ?? '';
    const number = disc.exec(folder)?.groups?.number;
    if (structure.test(folder) || isQuality(folder)) continue;
    const kept = season === null ? folderExtraType(folder) : undefined;
    if (number !== undefined) part ??= Number(number);
    else if (kept !== undefined) extraType ??= kept;
    else if (season === null) {
      const plain = folderSeason(folder) ?? (isOfSeries ? bareSeason(folder, folders[index + 1]) : undefined);
      const said = plain ?? isSeasonRelease(folder);
      if (said === undefined) break;
      season = said;
      hasSeasonFolder = plain !== undefined;
      if (plain === undefined) release = folder;
    } else break;
  }
  const work = folders[index];
  return {
    season,
    release,
    work: work === undefined || isShelf(work) ? undefined : work,
    extraType,
    hasSeasonFolder,
    part,
  };
}
