import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const check = (tool: string) => {
  const file = fileURLToPath(new URL(`../tools/${tool}`, import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' });
  return { status, stderr };
};

test('the code in the docs is that of the files it was cut from', () => {
  expect(check('check-docs.mjs')).toEqual({ status: 0, stderr: '' });
});

test('sdk.api.md is what the SDK exports', () => {
  expect(check('api-report.mjs')).toEqual({ status: 0, stderr: '' });
});
