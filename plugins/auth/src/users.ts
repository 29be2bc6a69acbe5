import type { In } from '@revenge/sdk';
import type { contract } from './contract.ts';
import type { UserRow } from './entities/user.entity.ts';

export interface UserWithRole extends UserRow {
  readonly is_admin: boolean;
}
export type UserJson = In<(typeof contract)['routes']['GET /users/me']['responses'][200]>;

/** Columns of a `users u`, for `select`. */
export const USER_COLUMNS = `u.id, u.username, u.email, u.display_name, u.password_hash, u.locale, u.timezone, u.is_active,
  u.email_verified, u.created_at, u.last_login_at, u.deleted_at,
  exists (select from user_roles r where r.user_id = u.id and r.role = 'admin') as is_admin`;

export const userJson = (user: UserWithRole): UserJson => ({
  id: user.id,
  username: user.username,
  email: user.email,
  is_active: user.is_active,
  is_admin: user.is_admin,
  email_verified: user.email_verified,
  created_at: user.created_at.toISOString(),
  ...(user.display_name !== null && { display_name: user.display_name }),
  ...(user.locale !== null && { locale: user.locale }),
  ...(user.timezone !== null && { timezone: user.timezone }),
  ...(user.last_login_at && { last_login_at: user.last_login_at.toISOString() }),
});
