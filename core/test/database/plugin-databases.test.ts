import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type ContractDef, json } from '@revenge/sdk';
import { EntitySchema } from 'typeorm';
import { TypeOrmPluginDatabases } from '../../src/database/typeorm-plugin-databases.ts';
import { openDatabase, type OpenDatabase } from './open-database.ts';

interface Note {
  id: number;
  text: string;
}
const NoteEntity = new EntitySchema<Note>({
  name: 'note',
  tableName: 'note',
  columns: { id: { type: 'int', primary: true }, text: { type: 'text' } },
});
const migration = (name: string, up: string) => async () => ({
  migration: { name, up: (runner: { query(sql: string): Promise<unknown> }) => runner.query(up) },
});
const contract = (id: string, ...migrations: (() => Promise<object>)[]): ContractDef => ({
  id,
  title: id,
  sdk: '^1.0',
  database: { entities: [async () => ({ NoteEntity })], migrations },
});
const notes = migration('20260101-notes', 'create table note (id int primary key, text text not null)');

let db: OpenDatabase;
let plugins: TypeOrmPluginDatabases;
beforeEach(async () => {
  db = await openDatabase({ max: 2 });
  plugins = new TypeOrmPluginDatabases({ pool: db.pool, connection: db.url, log: db.log });
});
afterEach(() => db.close());

test('two plugins with a table of one name see each their own, in statements, repositories and transactions', async () => {
  const [films, music] = await Promise.all([
    plugins.open(contract('films', notes)),
    plugins.open(contract('music-box', notes)),
  ]);
  await films.sql`insert into note values (${1}, ${'film'})`;
  await music.repository(NoteEntity).save({ id: 1, text: 'music' });
  await films.transaction(async (tx) => void (await tx.sql`insert into note values (2, ${'film too'})`));
  await music.transaction(async (tx) => void (await tx.repository(NoteEntity).save({ id: 2, text: 'music too' })));

  const read = async (of: typeof films) => [
    (await of.sql<Note>`select text from note order by id`).map(({ text }) => text),
    (await of.repository(NoteEntity).find({ order: { id: 'asc' } })).map(({ text }) => text),
    await of.transaction(async (tx) =>
      (await tx.query<Note>('select text from note order by id')).map(({ text }) => text),
    ),
  ];
  for (let round = 0; round < 3; round++) {
    const [film, box] = await Promise.all([read(films), read(music)]);
    expect(film).toEqual([1, 2, 3].map(() => ['film', 'film too']));
    expect(box).toEqual([1, 2, 3].map(() => ['music', 'music too']));
  }
  await Promise.all([films.close(), music.close()]);
});

test('a rollback leaves no wrong search path behind', async () => {
  const [films, music] = [await plugins.open(contract('films', notes)), await plugins.open(contract('music', notes))];
  const schemaSeen = async (of: typeof films) => (await of.sql<{ s: string }>`select current_schema() as s`)[0]?.s;
  for (let round = 0; round < 4; round++) {
    await expect(films.transaction(async () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await schemaSeen(music)).toBe('music');
    await music.transaction(async () => undefined);
    expect(await schemaSeen(films)).toBe('films');
  }
});

test('repositories inside a transaction write on its client and go with its rollback', async () => {
  const films = await plugins.open(contract('films', notes));
  const broken = films.transaction(async (tx) => {
    await tx.repository(NoteEntity).save([
      { id: 1, text: 'a' },
      { id: 2, text: 'b' },
    ]);
    expect(await tx.sql`select id from note`).toHaveLength(2);
    expect(db.pool.counts().acquired).toBe(1);
    throw new Error('no');
  });
  await expect(broken).rejects.toThrow('no');
  expect(await films.repository(NoteEntity).count()).toBe(0);
});

test('values are bound as what they are', async () => {
  const films = await plugins.open(contract('films'));
  const when = new Date('2026-01-02T03:04:05.678Z');
  const [row] = await films.sql`
    select ${undefined}::int as nothing, ${12345678901}::int8 as big, ${9007199254740993n}::int8 as huge, ${when}::timestamptz as at,
      ${json({ a: [1, "o'"] })}::jsonb as doc, ${['x', 'y"', null]}::text[] as list, ${new Uint8Array([1, 255])}::bytea as raw,
      ${'2026-02-03'}::date as day, ${[1, 2]}::int8[] as ints, ${true}::bool as yes, ${json([{ a: 1 }])}::jsonb as array`;
  expect(row).toEqual({
    nothing: null,
    big: 12345678901,
    huge: 9007199254740993n,
    at: when,
    doc: { a: [1, "o'"] },
    list: ['x', 'y"', null],
    raw: Buffer.from([1, 255]),
    day: '2026-02-03',
    ints: [1, 2],
    yes: true,
    array: [{ a: 1 }],
  });
});

test('an object as a value is refused before the server sees it, naming its place', async () => {
  const films = await plugins.open(contract('films'));
  // as: what a caller without types may pass
  const object = { a: 1 } as unknown as string;
  await expect(films.sql`select ${1}::int, ${object}::jsonb`).rejects.toThrow(/json\(value\).*\$2 of `select/);
  await expect(films.query('select $1::timestamptz', [new Date('x')])).rejects.toThrow('invalid Date');
});

test('a statement of a template is prepared once a connection', async () => {
  const films = await plugins.open(contract('films'));
  const ask = (n: number) => films.sql<{ n: number }>`select ${n}::int + 1 as n`;
  expect([await ask(1), await ask(2), await ask(3)].flat()).toEqual([{ n: 2 }, { n: 3 }, { n: 4 }]);
  const [{ names } = { names: 0 }] = await films.query<{ names: number }>(
    `select count(*) as names from pg_prepared_statements where statement like '%::int + 1 as n'`,
  );
  expect(names).toBe(1);
});

test('migrations run once, in the order of the times in their names, whatever their order in the contract', async () => {
  const list = [
    migration('Later20260202', 'alter table step add column b int'),
    migration('Earlier20260101', 'create table step (a int)'),
  ];
  await (await plugins.open(contract('films', ...list))).close();
  const films = await plugins.open(contract('films', ...list));
  expect(await films.sql`select name from schema_migrations order by ran_at, name`).toEqual([
    { name: 'Earlier20260101' },
    { name: 'Later20260202' },
  ]);
});

test('two nodes that start at once on an empty database both have their tables', async () => {
  const other = new TypeOrmPluginDatabases({ pool: db.pool, connection: db.url, log: db.log });
  const opened = await Promise.all([plugins, other, plugins, other].map((node) => node.open(contract('films', notes))));
  const counts = await Promise.all(opened.map((each) => each.repository(NoteEntity).count()));
  expect(counts).toEqual([0, 0, 0, 0]);
});

test('a migration that fails says which, why and what to do, and leaves nothing', async () => {
  const bad = migration('20260102-bad', 'create table half (a int); select nonsense');
  await expect(plugins.open(contract('films', notes, bad))).rejects.toThrow(
    /migration 20260102-bad of 'films' failed: .*nonsense.*SQLSTATE 42703.*Nothing of it was stored/s,
  );
  const found = await db.database.query(`select tablename from pg_tables where schemaname = 'films' order by 1`);
  expect(found).toEqual([{ tablename: 'note' }, { tablename: 'schema_migrations' }]);
});

test('a swallowed error in a plugin transaction rejects it', async () => {
  const films = await plugins.open(contract('films', notes));
  const broken = films.transaction(async (tx) => {
    await tx.repository(NoteEntity).insert({ id: 1, text: 'a' });
    await tx
      .repository(NoteEntity)
      .insert({ id: 1, text: 'b' })
      .catch(() => undefined);
  });
  await expect(broken).rejects.toThrow(/nothing was stored.*duplicate key/);
});

test('a transaction inside one, of the same plugin or another, is refused', async () => {
  const [films, music] = [await plugins.open(contract('films', notes)), await plugins.open(contract('music', notes))];
  await expect(films.transaction(() => music.transaction(async () => 1))).rejects.toThrow('inside another one');
});

test('plugins share the one pool and leave no listener on it', async () => {
  const before = db.pool.pg.listenerCount('error');
  const opened = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((id) => plugins.open(contract(id, notes))));
  await Promise.all(opened.flatMap((each) => Array.from({ length: 10 }, () => each.repository(NoteEntity).count())));
  expect(db.pool.counts()).toMatchObject({ max: 2, total: 2, acquired: 0, waiting: 0 });
  expect(db.pool.pg.listenerCount('error')).toBe(before);
});

test('a closed plugin database refuses work, and an id that is no schema name is refused', async () => {
  const films = await plugins.open(contract('films', notes));
  await films.close();
  await films.close();
  await expect(films.sql`select 1`).rejects.toThrow('is closed');
  await expect(plugins.open(contract('pg-stats'))).rejects.toThrow('cannot have a database schema of its name');
});
