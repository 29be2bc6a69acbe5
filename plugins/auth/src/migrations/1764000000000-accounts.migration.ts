import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Accounts1764000000000 implements MigrationInterface {
  name = 'Accounts1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table users (
        id uuid primary key,
        username text not null,
        email text not null,
        display_name text,
        password_hash text,
        locale text,
        timezone text,
        is_active boolean not null default true,
        email_verified boolean not null default false,
        created_at timestamptz not null default now(),
        last_login_at timestamptz,
        deleted_at timestamptz
      )`);
    await runner.query(`create unique index users_username on users (lower(username)) where deleted_at is null`);
    await runner.query(`create unique index users_email on users (lower(email)) where deleted_at is null`);

    await runner.query(`create table roles (name text primary key, built_in boolean not null default false)`);
    await runner.query(`
      create table role_permissions (
        role text not null references roles on delete cascade,
        permission text not null,
        primary key (role, permission)
      )`);
    await runner.query(`
      create table user_roles (
        user_id uuid not null references users on delete cascade,
        role text not null references roles,
        primary key (user_id, role)
      )`);
    await runner.query(`insert into roles (name, built_in) values ('admin', true), ('user', true)`);
    await runner.query(`insert into role_permissions (role, permission) values ('admin', '*')`);

    await runner.query(`
      create table sessions (
        id uuid primary key,
        user_id uuid not null references users on delete cascade,
        device_name text,
        ip_address text not null,
        user_agent text not null,
        created_at timestamptz not null default now(),
        last_activity_at timestamptz not null default now(),
        expires_at timestamptz not null,
        used_generation integer not null default 0
      )`);
    await runner.query(`create index sessions_user on sessions (user_id, last_activity_at)`);
    await runner.query(`create index sessions_expiry on sessions (expires_at)`);
    await runner.query(`
      create table refresh_tokens (
        hash bytea primary key check (octet_length(hash) = 32),
        session_id uuid not null references sessions on delete cascade,
        generation integer not null,
        expires_at timestamptz not null
      )`);
    await runner.query(`create index refresh_tokens_session on refresh_tokens (session_id)`);
    await runner.query(`create index refresh_tokens_expiry on refresh_tokens (expires_at)`);

    await runner.query(`
      create table grants (
        id uuid primary key,
        user_id uuid not null references users on delete cascade,
        "grant" text not null,
        resource_id text not null,
        includes text[] not null default '{}',
        created_at timestamptz not null default now(),
        unique (user_id, "grant", resource_id)
      )`);
    await runner.query(`create index grants_resource on grants (resource_id)`);

    // Nothing works with an empty or short secret, whoever writes it.
    await runner.query(`
      create table keys (
        purpose text primary key,
        material bytea not null check (octet_length(material) >= 32),
        created_at timestamptz not null default now()
      )`);
    // One row: its lock lets exactly one registration be the first.
    await runner.query(`
      create table setup (
        single boolean primary key default true check (single),
        code text,
        completed_at timestamptz
      )`);
    await runner.query(`insert into setup default values`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `drop table setup, keys, grants, refresh_tokens, sessions, user_roles, role_permissions, roles, users`,
    );
  }
}
