import type { CoreMigration } from '../database/core-migration.ts';

/** A blob is staged while its chunks arrive, ready when it is what readers get, dropped when it was replaced and may still be read by some. */
export const blobMigrations: readonly CoreMigration[] = [
  {
    name: '2026112401-blobs',
    up: `
      create table core.blobs (
        id uuid primary key default gen_random_uuid(),
        plugin text not null,
        instance text not null,
        key text not null,
        state text not null default 'staged' check (state in ('staged', 'ready', 'dropped')),
        size bigint not null default 0,
        type text not null,
        sha256 text,
        changed_at timestamptz not null default now()
      );
      create unique index blobs_key on core.blobs (plugin, instance, key) where state = 'ready';
      create index blobs_leftover on core.blobs (changed_at) where state <> 'ready';
      create table core.blob_chunks (
        blob uuid not null references core.blobs on delete cascade,
        n int not null,
        data bytea not null,
        primary key (blob, n)
      );
      alter table core.blob_chunks alter column data set storage external`,
  },
];
