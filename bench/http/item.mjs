import { z } from 'zod';

/** What every server of this benchmark answers: one film as a list of films shows it. */
export const ITEM = {
  id: '0190d3a4-7b1e-7c53-9d0a-2f5b8c1e4a77',
  title: 'The Night of the Hunter',
  year: 1955,
  runtime_seconds: 5_520,
  genres: ['Crime', 'Drama', 'Thriller'],
  added_at: '2026-11-24T20:00:00.000Z',
  watched: false,
  rating: 8,
};
export const Item = z.object({
  id: z.uuid(),
  title: z.string(),
  year: z.number().int(),
  runtime_seconds: z.number().int(),
  genres: z.array(z.string()),
  added_at: z.iso.datetime(),
  watched: z.boolean(),
  rating: z.number(),
});
export const BODY = JSON.stringify(ITEM);
