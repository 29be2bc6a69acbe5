import { basename } from 'node:path';
import type { z } from 'zod';
import { problem } from '@revenge/sdk';
import type { EpisodeFile, MovieFile } from './api/work-schemas.ts';
import type { Query } from './context.ts';
import type { AudioStream, Stream, SubtitleStream, VideoStream } from './probe/prober.ts';
import { iso, isoOrNull, type Scope, visibleLibraries } from './visibility.ts';

export interface FileRow {
  readonly id: string;
  readonly library_id: string;
  readonly path: string;
  readonly size: number;
  readonly name: {
    readonly edition?: string | null;
    readonly resolution?: string | null;
    readonly source?: string | null;
  };
  readonly container: string | null;
  readonly duration_seconds: number | null;
  readonly bitrate_kbps: number | null;
  readonly streams: readonly Stream[];
  readonly problem_code: string | null;
  readonly problem: string | null;
  readonly probed_at: Date | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}
const columns = `f.id, f.library_id, f.path, f.size, f.name, f.container, f.duration_seconds, f.bitrate_kbps, f.streams, f.problem_code,
  f.problem, f.probed_at, f.created_at, f.updated_at`;

/** A file that is there and in a visible library; Problem 404 otherwise. Asked at each request for bytes. */
export async function readFile(db: Query, scope: Scope, id: string): Promise<FileRow> {
  const [row] = await db.query<FileRow>(
    `select ${columns} from media_files f where f.id = $2 and f.removed_at is null and f.library_id in (${visibleLibraries(1)})`,
    [scope, id],
  );
  if (!row) throw problem.notFound('file');
  return row;
}

/** The files of a film or an episode in visible libraries, versions by path, parts in order. */
export async function filesOf(
  db: Query,
  scope: Scope,
  of: 'movie' | 'episode',
  workId: string,
): Promise<(FileRow & { readonly part: number | null })[]> {
  return db.query(
    `select ${columns}, w.part from ${of}_files w join media_files f on f.id = w.file_id
     where w.${of}_id = $2 and f.removed_at is null and f.library_id in (${visibleLibraries(1)}) order by f.path, f.id`,
    [scope, workId],
  );
}

function common(row: FileRow & { readonly part: number | null }) {
  const video = row.streams.find((s): s is VideoStream => s.type === 'video');
  const audio = row.streams.filter((s): s is AudioStream => s.type === 'audio');
  const subtitles = row.streams.filter((s): s is SubtitleStream => s.type === 'subtitle');
  const main = audio.find((s) => s.default) ?? audio[0];
  return {
    id: row.id,
    library_id: row.library_id,
    file_path: row.path,
    file_name: basename(row.path),
    file_size: row.size,
    resolution: resolutionOf(video) ?? row.name.resolution ?? null,
    quality_profile: row.name.source ?? null,
    video_codec: video?.codec ?? null,
    audio_codec: main?.codec ?? null,
    container: row.container,
    duration_seconds: row.duration_seconds === null ? null : Math.round(row.duration_seconds),
    bitrate_kbps: row.bitrate_kbps,
    audio_languages: languages(audio),
    subtitle_languages: languages(subtitles),
    edition: row.name.edition ?? null,
    part: row.part,
    problem: row.problem_code === null ? null : { code: row.problem_code, message: row.problem ?? row.problem_code },
    created_at: iso(row.created_at),
    updated_at: iso(row.updated_at),
    video,
    main,
  };
}
const languages = (streams: readonly { readonly language: string | null }[]): string[] => [
  ...new Set(streams.flatMap((s) => s.language ?? [])),
];

/** By width as well as height: a wide film of 1920×800 is 1080p. */
function resolutionOf(video: VideoStream | undefined): string | null {
  if (!video?.width || !video.height) return null;
  const [long, short] = [Math.max(video.width, video.height), Math.min(video.width, video.height)];
  const steps = [
    [7000, 4000, '4320p'],
    [3200, 1800, '2160p'],
    [1800, 1000, '1080p'],
    [1200, 700, '720p'],
    [1000, 560, '576p'],
  ] as const;
  return steps.find(([w, h]) => long >= w || short >= h)?.[2] ?? '480p';
}

const layouts: Readonly<Record<number, string>> = { 1: '1.0', 2: '2.0', 6: '5.1', 8: '7.1' };

export function movieFile(movieId: string, row: FileRow & { readonly part: number | null }): z.infer<typeof MovieFile> {
  const { video, main, ...file } = common(row);
  return {
    ...file,
    movie_id: movieId,
    framerate: video?.frame_rate ?? null,
    dynamic_range: video ? (video.hdr ?? 'sdr') : null,
    color_space: null,
    audio_channels: main?.channels ? (layouts[main.channels] ?? String(main.channels)) : null,
    radarr_file_id: null,
    last_scanned_at: isoOrNull(row.probed_at),
    is_monitored: null,
  };
}

export function episodeFile(
  episodeId: string,
  row: FileRow & { readonly part: number | null },
): z.infer<typeof EpisodeFile> {
  const { video: _video, main: _main, ...file } = common(row);
  return { ...file, episode_id: episodeId, sonarr_file_id: null };
}

/** Files of a library that could not be read or understood, oldest first. */
export async function listProblems(
  db: Query,
  libraryId: string,
  page: { readonly limit: number; readonly offset: number },
) {
  const rows = await db.sql<{ id: string; path: string; code: string; message: string; updated_at: Date }>`
    select id, path, problem_code as code, coalesce(problem, problem_code) as message, updated_at from media_files
    where library_id = ${libraryId} and problem_code is not null and removed_at is null order by number limit ${page.limit} offset ${page.offset}`;
  const [counted] = await db.sql<{ total: number }>`
    select count(*) as total from media_files where library_id = ${libraryId} and problem_code is not null and removed_at is null`;
  return { items: rows.map((row) => ({ ...row, updated_at: iso(row.updated_at) })), total: counted?.total ?? 0 };
}
