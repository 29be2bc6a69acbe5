import { EntitySchema } from 'typeorm';

/** A row of `grants`, unique by user, grant and resource. */
export interface GrantRow {
  readonly id: string;
  readonly user_id: string;
  readonly grant: string;
  readonly resource_id: string;
  readonly includes: string[];
  readonly created_at: Date;
}
export const GrantEntity = new EntitySchema<GrantRow>({
  name: 'grant',
  tableName: 'grants',
  columns: {
    id: { type: 'uuid', primary: true },
    user_id: { type: 'uuid' },
    grant: { type: 'text' },
    resource_id: { type: 'text' },
    includes: { type: 'text', array: true, default: '{}' },
    created_at: { type: 'timestamptz', default: () => 'now()' },
  },
});
