import { EntitySchema } from 'typeorm';

/** A row of `sessions`: one sign-in on one device. It is there as long as it can be refreshed; ended means deleted. */
export interface SessionRow {
  readonly id: string;
  readonly user_id: string;
  readonly device_name: string | null;
  readonly ip_address: string;
  readonly user_agent: string;
  readonly created_at: Date;
  readonly last_activity_at: Date;
  readonly expires_at: Date;
  /** The newest generation of refresh token that was used; older ones are dead. */
  readonly used_generation: number;
}
export const SessionEntity = new EntitySchema<SessionRow>({
  name: 'session',
  tableName: 'sessions',
  columns: {
    id: { type: 'uuid', primary: true },
    user_id: { type: 'uuid' },
    device_name: { type: 'text', nullable: true },
    ip_address: { type: 'text' },
    user_agent: { type: 'text' },
    created_at: { type: 'timestamptz', default: () => 'now()' },
    last_activity_at: { type: 'timestamptz', default: () => 'now()' },
    expires_at: { type: 'timestamptz' },
    used_generation: { type: 'int', default: 0 },
  },
});
