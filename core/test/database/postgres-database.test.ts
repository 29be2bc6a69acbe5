import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Tx } from '../../src/database/database.ts';
import { openDatabase, type OpenDatabase } from './open-database.ts';

let db: OpenDatabase;
beforeEach(async () => {
  db = await openDatabase();
  await db.database.execute('create schema core');
  await db.database.execute('create table core.t (id int primary key, n int not null default 0)');
});
afterEach(() => db.close());

const ids = async () =>
  (await db.database.query<{ id: number }>('select id from core.t order by id')).map(({ id }) => id);

test('a transaction stores what it did when its work is done, and nothing when it throws', async () => {
  expect(await db.database.transaction((tx) => tx.execute('insert into core.t values (1)'))).toBe(1);
  const broken = db.database.transaction(async (tx) => {
    await tx.execute('insert into core.t values (2)');
    throw new Error('changed my mind');
  });
  await expect(broken).rejects.toThrow('changed my mind');
  expect(await ids()).toEqual([1]);
});

test('a transaction in which a failed statement was swallowed rejects and says which one failed', async () => {
  const broken = db.database.transaction(async (tx) => {
    await tx.execute('insert into core.t values (1)');
    await tx.execute('insert into core.t values (1)').catch(() => undefined);
  });
  await expect(broken).rejects.toThrow(/nothing was stored.*duplicate key/);
  expect(await ids()).toEqual([]);
});

test('a statement that fails without a transaction costs no connection', async () => {
  await db.database.query('select 1');
  const pid = async () => (await db.database.query<{ pid: number }>('select pg_backend_pid() pid'))[0]?.pid;
  const before = await pid();
  await expect(db.database.query('select nonsense')).rejects.toThrow('nonsense');
  expect(await pid()).toBe(before);
});

test('work that meets a serialisation failure is run again, three times in all and no more', async () => {
  let runs = 0;
  const clash = async (tx: Tx) => {
    runs += 1;
    if (runs < 3) await tx.execute(`do $$ begin raise sqlstate '40001'; end $$`);
    await tx.execute('insert into core.t values (7)');
  };
  await db.database.transaction(clash);
  expect(runs).toBe(3);
  expect(await ids()).toEqual([7]);

  runs = -10;
  await expect(db.database.transaction(clash)).rejects.toMatchObject({ code: '40001' });
  expect(runs).toBe(-7);
});

test('two transactions that deadlock both succeed', async () => {
  await db.database.execute('insert into core.t values (1), (2)');
  let arrived = 0;
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  const crossing = (first: number, second: number) => {
    let attempt = 0;
    return db.database.transaction(async (tx) => {
      await tx.execute('update core.t set n = n + 1 where id = $1', [first]);
      if ((attempt += 1) === 1) {
        if ((arrived += 1) === 2) open();
        await gate;
      }
      await tx.execute('update core.t set n = n + 1 where id = $1', [second]);
    });
  };
  await Promise.all([crossing(1, 2), crossing(2, 1)]);
  expect(await db.database.query('select id, n from core.t order by id')).toEqual([
    { id: 1, n: 2 },
    { id: 2, n: 2 },
  ]);
});

test('a savepoint that throws undoes its own work and nudges only', async () => {
  const nudged: string[] = [];
  await db.database.transaction(async (tx) => {
    tx.afterCommit(() => nudged.push('outer'));
    await tx.execute('insert into core.t values (1)');
    await expect(
      tx.savepoint(async (inner) => {
        inner.afterCommit(() => nudged.push('inner'));
        await inner.execute('insert into core.t values (2)');
        await inner.execute('insert into core.t values (1)');
      }),
    ).rejects.toThrow('duplicate key');
    await tx.savepoint((inner) => inner.execute('insert into core.t values (3)'));
  });
  expect(await ids()).toEqual([1, 3]);
  expect(nudged).toEqual(['outer']);
});

test('what waits for the commit runs once after it, never after a rollback, and one that throws stops no other', async () => {
  const nudged: string[] = [];
  await db.database.transaction(async (tx) => {
    tx.afterCommit(() => {
      throw new Error('broken nudge');
    });
    tx.afterCommit(() => nudged.push('committed'));
  });
  const broken = db.database.transaction(async (tx) => {
    tx.afterCommit(() => nudged.push('rolled back'));
    throw new Error('no');
  });
  await expect(broken).rejects.toThrow('no');
  expect(nudged).toEqual(['committed']);
});

test('a transaction inside a transaction is refused and told the way', async () => {
  const nested = db.database.transaction(() => db.database.transaction(async () => 1));
  await expect(nested).rejects.toThrow(/inside another one: use the `tx`/);
});

test('a tx that outlived its transaction is refused', async () => {
  const kept: Tx[] = [];
  await db.database.transaction(async (tx) => void kept.push(tx));
  await expect(kept[0]?.query('select 1')).rejects.toThrow('this transaction has ended');
});

test('a connection that dies in a transaction rejects it and is not given to the next', async () => {
  const broken = db.database.transaction(async (tx) => {
    await tx.execute('insert into core.t values (1)');
    await tx.query('select pg_terminate_backend(pg_backend_pid())');
  });
  await expect(broken).rejects.toThrow(/terminat/);
  expect(await ids()).toEqual([]);
  expect(db.pool.counts()).toMatchObject({ acquired: 0, waiting: 0 });
});

test('a prepared statement whose table was altered by another node fails once at most on each connection', async () => {
  const ask = () => db.database.query('select * from core.t', [], 'all_of_t');
  await ask();
  await db.database.execute('alter table core.t add column more int');
  await expect(ask()).rejects.toThrow('cached plan');
  await expect(ask()).resolves.toEqual([]);
});
