import { z } from 'zod';

/** A text of people; PostgreSQL takes no NUL in it. */
export const plain = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^[^\0]*$/, 'must not hold a NUL character');
/** As the REST reference has it; without an @ it can be no e-mail. */
export const username = z
  .string()
  .min(3)
  .max(30)
  .regex(/^[a-zA-Z0-9_-]+$/, 'letters, digits, _ and - only');
/** Longer ones would only cost time. */
export const newPassword = z.string().min(8).max(256);
/** An account as its owner sees it. */
export const User = z.object({
  id: z.uuid(),
  username: z.string(),
  email: z.string(),
  display_name: z.string().optional(),
  avatar_url: z.string().optional(),
  locale: z.string().optional(),
  timezone: z.string().optional(),
  qar_enabled: z.boolean().optional(),
  is_active: z.boolean(),
  is_admin: z.boolean(),
  email_verified: z.boolean(),
  created_at: z.iso.datetime(),
  last_login_at: z.iso.datetime().optional(),
});
/** What signing in and refreshing both answer. */
export const tokens = {
  access_token: z.string(),
  refresh_token: z.string(),
  /** Seconds that the access token is good for. */
  expires_in: z.int(),
};
/** The next pair of tokens. */
export const Refreshed = z.object(tokens);
/** Who shows a refresh token. */
export const RefreshRequest = z.object({ refresh_token: z.string().min(1).max(512) });
/** One sign-in on one device. */
export const SessionInfo = z.object({
  id: z.uuid(),
  device_name: z.string().optional(),
  ip_address: z.string(),
  user_agent: z.string().optional(),
  created_at: z.iso.datetime(),
  last_activity_at: z.iso.datetime(),
  expires_at: z.iso.datetime(),
  is_active: z.boolean(),
  is_current: z.boolean(),
});
