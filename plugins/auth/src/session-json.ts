import type { In } from '@revenge/sdk';
import type { contract } from './contract.ts';
import type { SessionRow } from './entities/session.entity.ts';

export type SessionJson = In<(typeof contract)['routes']['GET /sessions/current']['responses'][200]>;

/** `current`: what the caller of this request showed. */
export const sessionJson = (session: SessionRow, current: string | undefined): SessionJson => ({
  id: session.id,
  ip_address: session.ip_address,
  user_agent: session.user_agent,
  created_at: session.created_at.toISOString(),
  last_activity_at: session.last_activity_at.toISOString(),
  expires_at: session.expires_at.toISOString(),
  is_active: true,
  is_current: session.id === current,
  ...(session.device_name !== null && { device_name: session.device_name }),
});
