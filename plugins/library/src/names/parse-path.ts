import type { ParsedPath } from './parsed-path.ts';

export type { ParsedPath };

/** How a path of a film or an episode is understood; pure, linear in its length, never throws. */
export function parsePath(path: string, hint?: 'movie' | 'tvshow'): ParsedPath {
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.[a-z0-9]{2,4}$/i, '');
  const episode = /^(.{0,200}?)[\s._-]*s(\d{1,4})e(\d{1,4})/i.exec(name);
  const film = /^(.{1,200}?)[\s._]*\(?(\d{4})\)?/.exec(name);
  const title = (episode?.[1] ?? film?.[1] ?? name).replaceAll(/[._]/g, ' ').trim();
  return {
    kind: episode ? 'episode' : hint === 'tvshow' ? 'unknown' : 'movie',
    title: title === '' ? null : title,
    episode_title: null,
    year: film?.[2] === undefined ? null : Number(film[2]),
    season: episode?.[2] === undefined ? null : Number(episode[2]),
    episodes: episode?.[3] === undefined ? [] : [Number(episode[3])],
    absolute_episodes: [],
    air_date: null,
    ids: { tmdb: null, imdb: null, tvdb: null },
    edition: null,
    resolution: null,
    source: null,
    video_codec: null,
    audio_codec: null,
    hdr: [],
    release_group: null,
    languages: [],
    part: null,
    proper: false,
    three_d: null,
    extra_type: null,
  };
}
