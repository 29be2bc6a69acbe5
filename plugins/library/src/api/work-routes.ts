import { z } from 'zod';
import { bytes, defineRoutes } from '@revenge/sdk';
import { Episode, EpisodeFile, Movie, MovieFile, MovieList, Season, Series, SeriesList } from './work-schemas.ts';

const count = z.coerce.number<number | string>().int();
const order = z.enum(['asc', 'desc']).optional();
const page = { limit: count.min(1).max(100).default(20), offset: count.min(0).max(2_147_483_647).default(0) };
const filters = { year: count.min(0).max(9999).optional(), library_id: z.uuid().optional(), order };
const one = z.object({ id: z.uuid() });
const movies = { access: 'user', tag: 'Movies' } as const;
const shows = { access: 'user', tag: 'TV shows' } as const;
const files = { access: 'user', tag: 'Files' } as const;

export const workRoutes = defineRoutes({
  'GET /movies': {
    ...movies,
    summary: 'Films with a file in a library you may see',
    query: z.object({ order_by: z.enum(['title', 'year', 'added', 'rating']).default('added'), ...page, ...filters }),
    responses: { 200: MovieList },
  },
  'GET /movies/:id': { ...movies, summary: 'One film', params: one, responses: { 200: Movie } },
  'GET /movies/:id/files': {
    ...movies,
    summary: 'Its files: versions and parts',
    params: one,
    responses: { 200: z.array(MovieFile) },
  },
  'GET /tvshows': {
    ...shows,
    summary: 'Series with a file in a library you may see',
    query: z.object({
      order_by: z.enum(['created_at', 'title', 'first_air_date', 'vote_average', 'popularity']).default('created_at'),
      ...page,
      ...filters,
    }),
    responses: { 200: SeriesList },
  },
  'GET /tvshows/:id': { ...shows, summary: 'One series', params: one, responses: { 200: Series } },
  'GET /tvshows/:id/seasons': { ...shows, summary: 'Its seasons', params: one, responses: { 200: z.array(Season) } },
  'GET /tvshows/:id/episodes': {
    ...shows,
    summary: 'All its episodes',
    params: one,
    responses: { 200: z.array(Episode) },
  },
  'GET /tvshows/seasons/:id': { ...shows, summary: 'One season', params: one, responses: { 200: Season } },
  'GET /tvshows/seasons/:id/episodes': {
    ...shows,
    summary: 'Its episodes',
    params: one,
    responses: { 200: z.array(Episode) },
  },
  'GET /tvshows/episodes/:id': { ...shows, summary: 'One episode', params: one, responses: { 200: Episode } },
  'GET /tvshows/episodes/:id/files': {
    ...shows,
    summary: 'Its files',
    params: one,
    responses: { 200: z.array(EpisodeFile) },
  },
  'GET /files/:id/stream': {
    ...files,
    signed: true,
    summary: 'The bytes of a file, with Range; download=1 as an attachment',
    params: one,
    query: z.object({ download: z.enum(['0', '1']).optional() }),
    responses: { 200: bytes('video/*') },
  },
  'POST /files/:id/url': {
    ...files,
    summary: 'A link for a player, good for 12 hours and for this file and user alone',
    params: one,
    responses: { 200: z.object({ url: z.string(), expires_at: z.iso.datetime() }) },
  },
});
