import type { MigrationInterface, QueryRunner } from 'typeorm';

/*
 * Works (films, series, seasons, episodes) apart from their files, so that what users did hangs on the work. A file that is gone is a tombstone
 * (removed_at), and its links stay. `library_set` and `*_libraries` say in which libraries a work has a file now: what lists are made of.
 * `movie_sets` counts the films of each such set, so that the total of any selection of libraries is a sum of a few rows.
 * Paths are text of up to 4,096 bytes, more than an index entry holds, so files are unique by the path's hash.
 */
const statements = [
  `create table libraries (
    id uuid primary key,
    name text not null,
    kind text not null check (kind in ('movie', 'tvshow')),
    enabled boolean not null default true,
    scan_on_startup boolean not null default false,
    realtime_monitoring boolean not null default false,
    metadata_provider text,
    preferred_language text,
    scanner_config jsonb not null default '{}',
    state text not null default 'ok' check (state in ('ok', 'frozen')),
    state_reason text,
    loss_accepted boolean not null default false,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`,
  `create unique index libraries_name on libraries (lower(name))`,
  `create table library_paths (
    library_id uuid not null references libraries on delete cascade,
    position int not null, path text not null, real_path text not null,
    primary key (library_id, position)
  )`,
  `create unique index library_paths_real on library_paths ((md5(real_path)::uuid))`,

  `create table library_scans (
    id uuid primary key,
    library_id uuid not null references libraries on delete cascade,
    job_id text,
    scan_type text not null check (scan_type in ('full', 'incremental', 'metadata')),
    status text not null default 'pending' check (status in ('pending', 'running', 'completed', 'failed', 'cancelled')),
    phase text not null default 'waiting' check (phase in ('waiting', 'walking', 'probing', 'done')),
    items_scanned bigint not null default 0,
    items_added bigint not null default 0,
    items_updated bigint not null default 0,
    items_removed bigint not null default 0,
    error_count bigint not null default 0,
    files_done bigint not null default 0,
    files_known bigint not null default 0,
    files_per_second real not null default 0,
    eta_seconds int,
    error_code text,
    error_message text,
    started_at timestamptz,
    completed_at timestamptz,
    created_at timestamptz not null default now()
  )`,
  `create unique index library_scans_active on library_scans (library_id) where status in ('pending', 'running')`,
  `create index library_scans_history on library_scans (library_id, created_at desc, id desc)`,
  `create table scan_problems (
    scan_id uuid not null references library_scans on delete cascade,
    path_key uuid not null,
    code text not null,
    path text not null,
    message text not null,
    primary key (scan_id, path_key, code)
  )`,

  `create table media_files (
    id uuid primary key,
    number bigint generated always as identity,
    library_id uuid not null references libraries on delete cascade,
    path text not null,
    path_key uuid generated always as (md5(path)::uuid) stored,
    size bigint not null,
    mtime_ms bigint not null,
    role text not null check (role in ('main', 'extra', 'unknown')),
    name jsonb not null default '{}',
    parser int not null,
    probe_state text not null default 'pending' check (probe_state in ('pending', 'ok', 'failed')),
    container text,
    duration_seconds double precision,
    bitrate_kbps int,
    streams jsonb not null default '[]',
    problem_code text,
    problem text,
    probed_at timestamptz,
    removed_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`,
  `create unique index media_files_path on media_files (library_id, path_key)`,
  `create index media_files_present on media_files (library_id, number) where removed_at is null`,
  `create index media_files_pending on media_files (library_id, number) where probe_state = 'pending' and removed_at is null`,
  `create index media_files_problems on media_files (library_id, number) where problem_code is not null and removed_at is null`,

  `create table movies (
    id uuid primary key,
    work_key text not null unique,
    title text not null,
    sort_title text not null,
    original_title text,
    year int,
    tmdb_id int,
    imdb_id text,
    radarr_id int,
    release_date date,
    runtime int,
    overview text,
    tagline text,
    status text,
    original_language text,
    poster_path text,
    backdrop_path text,
    trailer_url text,
    vote_average double precision,
    vote_count int,
    popularity double precision,
    budget bigint,
    revenue bigint,
    external_ratings jsonb not null default '[]',
    library_set uuid[] not null default '{}',
    added_at timestamptz not null default now(),
    metadata_updated_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`,
  `create index movies_by_added on movies (added_at, id)`,
  `create index movies_by_title on movies (sort_title, id)`,
  `create index movies_by_year on movies ((coalesce(year, 0)), id)`,
  `create index movies_by_rating on movies ((coalesce(vote_average, -1)), id)`,
  `create index movies_tmdb on movies (tmdb_id) where tmdb_id is not null`,
  `create index movies_imdb on movies (imdb_id) where imdb_id is not null`,
  `create table movie_files (
    file_id uuid primary key references media_files on delete cascade,
    movie_id uuid not null references movies on delete cascade,
    part int
  )`,
  `create index movie_files_movie on movie_files (movie_id)`,
  `create table movie_sets (library_set uuid[] primary key, movies bigint not null)`,

  `create table series (
    id uuid primary key,
    work_key text not null unique,
    title text not null,
    sort_title text not null,
    original_title text,
    year int,
    tmdb_id int,
    tvdb_id int,
    imdb_id text,
    sonarr_id int,
    original_language text,
    tagline text,
    overview text,
    status text,
    type text,
    first_air_date date,
    last_air_date date,
    vote_average double precision,
    vote_count int,
    popularity double precision,
    poster_path text,
    backdrop_path text,
    trailer_url text,
    homepage text,
    external_ratings jsonb not null default '[]',
    added_at timestamptz not null default now(),
    metadata_updated_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`,
  `create index series_by_created on series (created_at, id)`,
  `create index series_by_title on series (sort_title, id)`,
  `create index series_by_first_air on series ((coalesce(first_air_date, date '0001-01-01')), id)`,
  `create index series_by_rating on series ((coalesce(vote_average, -1)), id)`,
  `create index series_by_popularity on series ((coalesce(popularity, -1)), id)`,
  `create index series_tmdb on series (tmdb_id) where tmdb_id is not null`,
  `create index series_tvdb on series (tvdb_id) where tvdb_id is not null`,
  `create index series_imdb on series (imdb_id) where imdb_id is not null`,
  `create table seasons (
    id uuid primary key,
    series_id uuid not null references series on delete cascade,
    season_number int not null,
    tmdb_id int,
    name text not null,
    overview text,
    poster_path text,
    air_date date,
    vote_average double precision,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (series_id, season_number)
  )`,
  `create table episodes (
    id uuid primary key,
    series_id uuid not null references series on delete cascade,
    season_id uuid not null references seasons on delete cascade,
    season_number int not null,
    episode_number int not null,
    title text not null,
    tmdb_id int,
    tvdb_id int,
    imdb_id text,
    overview text,
    air_date date,
    runtime int,
    vote_average double precision,
    vote_count int,
    still_path text,
    production_code text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (series_id, season_number, episode_number)
  )`,
  `create index episodes_season on episodes (season_id, episode_number)`,
  `create table episode_files (
    file_id uuid not null references media_files on delete cascade,
    episode_id uuid not null references episodes on delete cascade,
    part int,
    primary key (file_id, episode_id)
  )`,
  `create index episode_files_episode on episode_files (episode_id)`,
  `create table episode_libraries (
    library_id uuid not null references libraries on delete cascade,
    episode_id uuid not null references episodes on delete cascade,
    series_id uuid not null references series on delete cascade, season_number int not null,
    primary key (library_id, episode_id)
  )`,
  `create index episode_libraries_series on episode_libraries (series_id, library_id, season_number, episode_id)`,
  `create index episode_libraries_episode on episode_libraries (episode_id, library_id)`,
  `create table series_libraries (
    library_id uuid not null references libraries on delete cascade,
    series_id uuid not null references series on delete cascade,
    primary key (library_id, series_id)
  )`,
  `create index series_libraries_series on series_libraries (series_id, library_id)`,
];

export class LibraryTables1764000000000 implements MigrationInterface {
  readonly name = 'LibraryTables1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    const tables =
      'series_libraries episode_libraries episode_files episodes seasons series movie_sets movie_files movies media_files scan_problems library_scans library_paths libraries';
    for (const table of tables.split(' ')) await runner.query(`drop table ${table}`);
  }
}
