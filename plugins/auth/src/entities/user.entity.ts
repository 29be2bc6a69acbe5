import { EntitySchema } from 'typeorm';

/** A row of `users`. Name and e-mail are unique without regard to case among those that are not deleted. */
export interface UserRow {
  readonly id: string;
  readonly username: string;
  readonly email: string;
  readonly display_name: string | null;
  /** PHC string of argon2id; null: signs in by other means only. */
  readonly password_hash: string | null;
  readonly locale: string | null;
  readonly timezone: string | null;
  readonly is_active: boolean;
  readonly email_verified: boolean;
  readonly created_at: Date;
  readonly last_login_at: Date | null;
  readonly deleted_at: Date | null;
}
export const UserEntity = new EntitySchema<UserRow>({
  name: 'user',
  tableName: 'users',
  columns: {
    id: { type: 'uuid', primary: true },
    username: { type: 'text' },
    email: { type: 'text' },
    display_name: { type: 'text', nullable: true },
    password_hash: { type: 'text', nullable: true },
    locale: { type: 'text', nullable: true },
    timezone: { type: 'text', nullable: true },
    is_active: { type: 'boolean', default: true },
    email_verified: { type: 'boolean', default: false },
    created_at: { type: 'timestamptz', default: () => 'now()' },
    last_login_at: { type: 'timestamptz', nullable: true },
    deleted_at: { type: 'timestamptz', nullable: true },
  },
});
