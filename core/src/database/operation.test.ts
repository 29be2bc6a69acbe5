import { expect, test } from '@jest/globals';
import { operationOf } from './operation.ts';

test('a statement is counted by what it does, whatever stands before its first word', () => {
  expect(
    [
      'select 1',
      '  -- note\n INSERT into x values (1)',
      '/* a */ update x set y = 1',
      'delete from x',
      'START TRANSACTION',
      'begin',
      'END',
      'rollback to savepoint s1',
      'with a as (select 1) select * from a',
      'with a as (select 1) insert into x select * from a',
      'with gone as (delete from x returning *) select * from gone',
      '(select 1) union (select 2)',
      'listen x',
      '',
    ].map(operationOf),
  ).toEqual([
    'select',
    'insert',
    'update',
    'delete',
    'begin',
    'begin',
    'commit',
    'rollback',
    'select',
    'insert',
    'delete',
    'select',
    'other',
    'other',
  ]);
});
