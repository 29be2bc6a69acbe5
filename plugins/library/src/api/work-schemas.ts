import { z } from 'zod';

const Time = z.iso.datetime();
const Day = z.iso.date();
const text = z.string().nullable();
const whole = z.int().nullable();
const Rating = z.object({ source: z.string(), value: z.string(), score: z.number() });

export const Movie = z.object({
  id: z.uuid(),
  tmdb_id: whole,
  imdb_id: text,
  title: z.string(),
  original_title: text,
  year: whole,
  release_date: Day.nullable(),
  /** Minutes. */
  runtime: whole,
  overview: text,
  tagline: text,
  status: text,
  original_language: text,
  poster_path: text,
  backdrop_path: text,
  trailer_url: text,
  vote_average: z.number().nullable(),
  vote_count: whole,
  popularity: z.number().nullable(),
  budget: whole,
  revenue: whole,
  library_added_at: Time,
  metadata_updated_at: Time.nullable(),
  radarr_id: whole,
  external_ratings: z.array(Rating),
  created_at: Time,
  updated_at: Time,
});
export const MovieList = z.object({ items: z.array(Movie), total: z.int(), page: z.int(), page_size: z.int() });

const file = {
  id: z.uuid(),
  library_id: z.uuid(),
  file_path: z.string(),
  file_name: z.string(),
  file_size: z.int(),
  resolution: text,
  quality_profile: text,
  video_codec: text,
  audio_codec: text,
  container: text,
  duration_seconds: whole,
  bitrate_kbps: whole,
  audio_languages: z.array(z.string()),
  subtitle_languages: z.array(z.string()),
  edition: text,
  /** Which part of a work that lies in several files. */
  part: whole,
  /** What is wrong with it; null when it could be read. */
  problem: z.object({ code: z.string(), message: z.string() }).nullable(),
  created_at: Time,
  updated_at: Time,
};
export const MovieFile = z.object({
  ...file,
  movie_id: z.uuid(),
  framerate: z.number().nullable(),
  dynamic_range: text,
  color_space: text,
  audio_channels: text,
  radarr_file_id: whole,
  last_scanned_at: Time.nullable(),
  is_monitored: z.boolean().nullable(),
});
export const EpisodeFile = z.object({ ...file, episode_id: z.uuid(), sonarr_file_id: whole });

export const Series = z.object({
  id: z.uuid(),
  tmdb_id: whole,
  tvdb_id: whole,
  imdb_id: text,
  sonarr_id: whole,
  title: z.string(),
  year: whole,
  original_title: text,
  original_language: text,
  tagline: text,
  overview: text,
  status: text,
  type: text,
  first_air_date: Day.nullable(),
  last_air_date: Day.nullable(),
  vote_average: z.number().nullable(),
  vote_count: whole,
  popularity: z.number().nullable(),
  poster_path: text,
  backdrop_path: text,
  total_seasons: z.int(),
  total_episodes: z.int(),
  trailer_url: text,
  homepage: text,
  external_ratings: z.array(Rating),
  library_added_at: Time,
  metadata_updated_at: Time.nullable(),
  created_at: Time,
  updated_at: Time,
});
export const SeriesList = z.object({ items: z.array(Series), total: z.int() });
export const Season = z.object({
  id: z.uuid(),
  series_id: z.uuid(),
  tmdb_id: whole,
  season_number: z.int(),
  name: z.string(),
  overview: text,
  poster_path: text,
  episode_count: z.int(),
  air_date: Day.nullable(),
  vote_average: z.number().nullable(),
  created_at: Time,
  updated_at: Time,
});
export const Episode = z.object({
  id: z.uuid(),
  series_id: z.uuid(),
  season_id: z.uuid(),
  tmdb_id: whole,
  tvdb_id: whole,
  imdb_id: text,
  season_number: z.int(),
  episode_number: z.int(),
  title: z.string(),
  overview: text,
  air_date: Day.nullable(),
  /** Minutes. */
  runtime: whole,
  vote_average: z.number().nullable(),
  vote_count: whole,
  still_path: text,
  production_code: text,
  created_at: Time,
  updated_at: Time,
});
