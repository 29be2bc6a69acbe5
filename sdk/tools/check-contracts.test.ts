import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from '@jest/globals';

const TOOL = fileURLToPath(new URL('check-contracts.mjs', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'contracts-'));
afterAll(() => rmSync(root, { recursive: true }));

const check = (...args: string[]) => {
  const { status, stderr } = spawnSync(process.execPath, [TOOL, '--root', root, ...args], { encoding: 'utf8' });
  return { status, stderr };
};
const write = (name: string, contract: string, json: object = {}) => {
  const dir = join(root, 'plugins', name);
  mkdirSync(dir, { recursive: true });
  const exports = { './contract': { default: './contract.mjs' } };
  writeFileSync(join(dir, 'package.json'), JSON.stringify({ revenge: { plugin: true }, exports, ...json }));
  writeFileSync(join(dir, 'contract.mjs'), contract);
  return dir;
};

test('a report that is missing or stale is a fault until it is written, and what is no plugin is passed over', () => {
  const dir = write('one', `export const contract = { id: 'one', title: 'One', sdk: '^1.0' };`);
  write('a-kit', 'throw new Error("never loaded")', { revenge: {} });
  expect(check()).toEqual({
    status: 1,
    stderr: 'check:contracts: plugins/one: contract.api.md is missing; run npm run report\n',
  });
  expect(check('--write')).toEqual({ status: 0, stderr: '' });
  expect(check()).toEqual({ status: 0, stderr: '' });
  writeFileSync(join(dir, 'contract.api.md'), `${readFileSync(join(dir, 'contract.api.md'), 'utf8')}more`);
  expect(check().stderr).toMatch(/plugins\/one: contract.api.md is not what the contract says/);

  write('two', `export default { contract: undefined };`);
  write('three', '', { exports: { './contract': { default: './dist/contract.js' } } });
  expect(check('--write').stderr.split('\n').filter(Boolean)).toEqual([
    'check:contracts: plugins/three: ./dist/contract.js is not there; run npm run build',
    'check:contracts: plugins/two: ./contract.mjs exports no contract; export it as `contract`',
  ]);
});
