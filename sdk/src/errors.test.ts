import { expect, test } from '@jest/globals';
import { GiveUp, NeedsAuth, NotReady, Problem, problem, UpstreamError } from './errors.ts';

test('each error knows its own kind, also from another copy of the SDK', () => {
  const foreign = { '~error': 'problem', status: 404 };
  expect([
    Problem.is(problem.notFound('x')),
    Problem.is(foreign),
    Problem.is(new Error('x')),
    Problem.is(null),
  ]).toEqual([true, true, false, false]);
  expect([NotReady.is(new NotReady('x')), NeedsAuth.is(new NotReady('x'))]).toEqual([true, false]);
  expect([GiveUp.is(new GiveUp('x')), UpstreamError.is(new UpstreamError('h', 1, '', undefined))]).toEqual([
    true,
    true,
  ]);
});

test('a problem in JSON has the members of RFC 9457 and those the REST clients read, which never disagree', () => {
  expect(problem.invalid({ path: 'body.n', message: 'a number' }).toJSON()).toEqual({
    errors: [{ path: 'body.n', message: 'a number' }],
    type: '/problems/invalid',
    title: 'Invalid input',
    status: 422,
    detail: 'body.n: a number',
    code: 422,
    message: 'body.n: a number',
  });
  expect(new Problem(418, 'tea', 'Teapot', undefined, { status: 1, code: 2 }).toJSON()).toMatchObject({
    status: 418,
    code: 418,
    detail: 'Teapot',
  });
});

test('Retry-After is whole seconds, at least one', () => {
  expect(
    [problem.tooMany('250ms'), problem.tooMany('1.5s'), problem.unavailable('x', '2m')].map((p) => p.headers),
  ).toEqual([{ 'retry-after': '1' }, { 'retry-after': '2' }, { 'retry-after': '120' }]);
});
