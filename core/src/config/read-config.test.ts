import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { KernelError } from '../errors.ts';
import { readConfig } from './read-config.ts';

let cwd = '';
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'revenge-config-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

const read = (env: Record<string, string> = {}, flags: Record<string, string> = {}) => readConfig({ env, cwd, flags });
const failure = (work: () => unknown): KernelError => {
  try {
    work();
  } catch (error) {
    if (error instanceof KernelError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

test('without anything it listens on 8096 and keeps its state in ./data', () => {
  expect(read()).toMatchObject({
    data: join(cwd, 'data'),
    server: { port: 8096 },
    observability: { host: '127.0.0.1', port: 9096 },
    given: [],
  });
});

test('a flag wins over the environment, and that over the file', () => {
  writeFileSync(
    join(cwd, 'revenge.config.yaml'),
    'server: { port: 1, host: "::1", public_url: "https://a.example/" }\nlog: { level: warn }\n',
  );
  const config = read({ REVENGE__SERVER__PORT: '2', REVENGE__SERVER__HOST: '127.0.0.1' }, { port: '3' });
  expect(config.server).toMatchObject({ port: 3, host: '127.0.0.1', publicUrl: 'https://a.example' });
  expect(config.log.level).toBe('warn');
});

test("plugins' settings keep where they came from, and _FILE reads a file", () => {
  writeFileSync(join(cwd, 'key'), 'abc\n');
  expect(read({ REVENGE__PLUGINS__RADARR__MAIN__API_KEY_FILE: join(cwd, 'key') }).given).toEqual([
    { path: ['radarr', 'main', 'api_key'], value: 'abc', source: 'REVENGE__PLUGINS__RADARR__MAIN__API_KEY_FILE' },
  ]);
});

test('every mistake is named with its key, its source and what is expected', () => {
  const { message, exit } = failure(() =>
    read({ REVENGE__SERVER__PORT: 'ninety', REVENGE__SEVRER__HOST: 'x', DATABASE_URL: 'mysql://x' }),
  );
  expect(exit).toBe(2);
  expect(message).toContain('server.port (from REVENGE__SERVER__PORT)');
  expect(message).toContain('sevrer (from REVENGE__SEVRER__HOST): no such setting');
  expect(message).toContain('database.url (from DATABASE_URL)');
});

test('a file that is no YAML, or is asked for and not there, is named with the cure', () => {
  writeFileSync(join(cwd, 'revenge.config.json'), '{ "server": ');
  expect(failure(() => read()).message).toContain('revenge.config.json cannot be read');
  expect(failure(() => readConfig({ env: {}, cwd, flags: {}, file: 'other.yaml' })).cure).toContain('--config');
});

test('names that a prototype has are ordinary, unknown settings', () => {
  writeFileSync(join(cwd, 'revenge.config.json'), '{ "__proto__": { "x": 1 } }');
  expect(failure(() => read()).code).toBe('RV_CONFIG');
  expect(({} as Record<string, unknown>).x).toBeUndefined();
});
