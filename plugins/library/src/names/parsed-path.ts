export type ParsedKind = 'movie' | 'episode' | 'extra' | 'unknown';
export type Resolution = '480p' | '576p' | '720p' | '1080p' | '2160p' | '4320p';
export type Source = 'bluray' | 'remux' | 'web-dl' | 'webrip' | 'hdtv' | 'dvd' | 'cam' | 'ts' | 'other';
export type VideoCodec = 'h264' | 'hevc' | 'av1' | 'vp9' | 'mpeg2' | 'vc1' | 'xvid';
export type Hdr = 'hdr10' | 'hdr10+' | 'dv' | 'hlg';
export type ThreeD = 'sbs' | 'ou' | 'other';

export interface ParsedIds {
  readonly tmdb: number | null;
  readonly imdb: string | null;
  readonly tvdb: number | null;
}

/** How a path is understood; a part that is not understood is null or empty, never a guess. */
export interface ParsedPath {
  readonly kind: ParsedKind;
  /** Of the film, or of the series. */
  readonly title: string | null;
  readonly episode_title: string | null;
  readonly year: number | null;
  readonly season: number | null;
  /** Empty for a whole season. */
  readonly episodes: readonly number[];
  readonly absolute_episodes: readonly number[];
  /** YYYY-MM-DD. */
  readonly air_date: string | null;
  readonly ids: ParsedIds;
  /** In title case. */
  readonly edition: string | null;
  readonly resolution: Resolution | null;
  readonly source: Source | null;
  readonly video_codec: VideoCodec | null;
  readonly audio_codec: string | null;
  readonly hdr: readonly Hdr[];
  readonly release_group: string | null;
  /** ISO 639-1. */
  readonly languages: readonly string[];
  readonly part: number | null;
  readonly proper: boolean;
  readonly three_d: ThreeD | null;
  readonly extra_type: string | null;
}
