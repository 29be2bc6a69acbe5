import type { CoreMigration } from '../database/core-migration.ts';

export const webhookMigrations: readonly CoreMigration[] = [
  {
    name: '2026112402-webhooks-create',
    up: `
      CREATE TABLE core.webhook_deliveries (
        id uuid PRIMARY KEY,
        plugin text NOT NULL,
        instance text NOT NULL,
        route text NOT NULL,
        content_type text NOT NULL,
        raw bytea NOT NULL,
        sha256 bytea NOT NULL,
        state text NOT NULL DEFAULT 'accepted' CHECK (state IN ('accepted', 'refused')),
        error text,
        received_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX webhook_deliveries_same ON core.webhook_deliveries (plugin, instance, route, sha256, received_at);
      CREATE INDEX webhook_deliveries_received ON core.webhook_deliveries (received_at);`,
  },
];
