import { uuidV7 } from '@revenge/sdk';
import { createHash } from 'node:crypto';
import type { CoreDatabase } from '../database/database.ts';
import type { InstanceRef } from '../lifecycle/attribution.ts';
import type { KernelLog } from '../log/log.ts';
import type { WebhookDelivery, WebhookStore } from './access-control.ts';

/** Days that deliveries are kept: long enough to find out why something did not arrive. */
const KEPT_DAYS = 30;
const SWEEP_MS = 3_600_000;
const SWEEP_ROWS = 1_000;

const STORE = `
  INSERT INTO core.webhook_deliveries (id, plugin, instance, route, content_type, raw, sha256)
  VALUES ($1, $2, $3, $4, $5, $6, $7)
  RETURNING EXISTS (
    SELECT FROM core.webhook_deliveries
    WHERE plugin = $2 AND instance = $3 AND route = $4 AND sha256 = $7 AND received_at > now() - interval '1 day'
  ) AS repeated`;

/** Keeps what senders of webhooks sent, byte by byte. */
export class PostgresWebhookStore implements WebhookStore {
  constructor(
    readonly database: CoreDatabase,
    readonly log: KernelLog,
  ) {}

  async store(ref: InstanceRef, route: string, raw: Buffer, type: string): Promise<WebhookDelivery> {
    const id = uuidV7();
    const sha256 = createHash('sha256').update(raw).digest();
    const rows = await this.database.query<{ repeated: boolean }>(
      STORE,
      [id, ref.plugin, ref.instance, route, type.slice(0, 200), raw, sha256],
      'core-webhook-store',
    );
    return { id, repeated: rows[0]?.repeated ?? false };
  }

  async refuse(id: string, why: string): Promise<void> {
    await this.database.execute("UPDATE core.webhook_deliveries SET state = 'refused', error = $2 WHERE id = $1", [
      id,
      why.slice(0, 1_000),
    ]);
  }

  /** Removes what is older than it is kept. */
  async sweep(): Promise<number> {
    let removed = 0;
    for (let slice = SWEEP_ROWS; slice === SWEEP_ROWS; removed += slice)
      slice = await this.database.execute(
        `DELETE FROM core.webhook_deliveries WHERE id IN
           (SELECT id FROM core.webhook_deliveries WHERE received_at < now() - interval '${KEPT_DAYS} days' LIMIT ${SWEEP_ROWS})`,
      );
    return removed;
  }

  /** Sweeps from time to time. The answer ends it. */
  start(): () => void {
    const timer = setInterval(() => {
      this.sweep().catch((error: unknown) => this.log.warn('old webhooks were not removed', { error: String(error) }));
    }, SWEEP_MS);
    timer.unref();
    return () => clearInterval(timer);
  }
}
