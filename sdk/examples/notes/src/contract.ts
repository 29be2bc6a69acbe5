import { defineContract, event, nothing, secret, service } from '@revenge/sdk';
import { z } from 'zod';

export const Note = z
  .object({ id: z.uuid(), text: z.string(), created_at: z.iso.datetime() })
  .meta({ id: 'Note', description: 'A short text of one user' });

// #region tokens
/** What other plugins may ask: how many notes a user has. */
export interface Notes {
  count(userId: string): Promise<number>;
}
export const Notes = service<Notes>('notes.notes@1.0');

/** Shown in its user's event stream; at least once, in order for each user. */
export const NoteAdded = event('notes.note-added@1.0', {
  payload: z.object({ id: z.uuid(), user_id: z.string(), text: z.string() }),
  delivery: 'durable',
  key: 'user_id',
  audience: { user: 'user_id' },
});
// #endregion

export const contract = defineContract({
  id: 'notes',
  title: { en: 'Notes', de: 'Notizen' },
  sdk: '^1.0',
  // #region config
  config: {
    schema: z.object({
      max: z.int().min(1).default(100).describe('Notes a user may have'),
      tidyAt: z.string().default('0 4 * * *').describe('When old notes go (cron)'),
      token: secret(z.string().optional()).describe('Sent to the mirror'),
    }),
    version: 2,
    migrate: { 1: ({ limit, ...old }) => ({ ...old, max: limit }) },
  },
  // #endregion
  provides: { notes: Notes },
  emits: { noteAdded: NoteAdded },
  listens: { noteAdded: NoteAdded },
  permissions: { tidy: 'Remove old notes now' },
  routes: {
    'GET /': {
      access: 'user',
      summary: 'The caller’s notes, newest first',
      query: z.object({ limit: z.coerce.number().int().min(1).max(100).default(20) }),
      responses: { 200: z.object({ items: z.array(Note) }) },
    },
    'POST /': {
      access: 'user',
      summary: 'Write a note',
      limit: '60/m',
      body: z.object({ text: z.string().trim().min(1).max(2_000) }),
      responses: { 201: Note },
    },
    'POST /tidy': { access: { permission: 'tidy' }, summary: 'Remove old notes', responses: { 202: nothing } },
  },
  // #region jobs
  jobs: {
    tidy: {
      input: z.object({ days: z.int().min(1).default(365) }),
      cron: { config: 'tidyAt' },
      retries: 5,
      timeout: '10m',
      unique: true,
    },
  },
  // #endregion
  // #region metrics
  metrics: {
    added: { type: 'counter', help: 'Notes written' },
    removed: { type: 'counter', help: 'Notes removed', labels: { why: ['old', 'asked'] } },
    tidyTime: { type: 'histogram', help: 'How long tidying takes', unit: 'seconds', buckets: [0.1, 1, 10] },
  },
  // #endregion
  database: {
    entities: [() => import('./entities/note.entity.ts')],
    migrations: [() => import('./migrations/1700000000000-notes.migration.ts')],
  },
});
