import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Notes1700000000000 implements MigrationInterface {
  readonly name = 'Notes1700000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `create table note (id uuid primary key, user_id text not null, text text not null, created_at timestamptz not null)`,
    );
    await runner.query('create index note_by_user on note (user_id, id desc)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table note');
  }
}
