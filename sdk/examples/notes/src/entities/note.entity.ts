import { EntitySchema } from 'typeorm';

/** A row of `note`. */
export interface NoteRow {
  id: string;
  user_id: string;
  text: string;
  created_at: Date;
}
export const NoteEntity = new EntitySchema<NoteRow>({
  name: 'note',
  columns: {
    id: { type: 'uuid', primary: true },
    user_id: { type: 'text' },
    text: { type: 'text' },
    created_at: { type: 'timestamptz' },
  },
});
