import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../src/testing/postgres.ts';

const BIN = fileURLToPath(new URL('../../bin/revenge.mjs', import.meta.url));
let cwd = '';
let database: TestDatabase;
beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'revenge-cli-'));
  database = await createTestDatabase();
});
afterAll(async () => {
  rmSync(cwd, { recursive: true });
  await database.drop();
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}
function revenge(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [BIN, ...args], {
      cwd,
      env: { PATH: process.env.PATH ?? '', ...env },
      timeout: 20_000,
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.once('close', (code) => done({ code, out, err }));
  });
}

const start = ['start', '--data', 'data', '--port', '0'];
test.each<[string, readonly string[], Record<string, string>, number, RegExp]>([
  ['an unknown option', [...start, '--prot', '1'], {}, 2, /'--prot'[^]*Did you mean --port\?/],
  ['an unknown command', ['strat'], {}, 2, /no command 'strat'[^]*Did you mean 'start'\?/],
  ['a word too many', ['plan', 'now'], {}, 2, /'now' is more than this command takes/],
  ['a port that is none', [...start, '--port', 'ninety'], {}, 2, /server\.port \(from --port\)/],
  [
    'a wrong key in the environment',
    start,
    { REVENGE__SERVER__PROT: '1' },
    2,
    /REVENGE__SERVER__PROT\): no such setting/,
  ],
  ['a setting of no plugin', start, { REVENGE__PLUGINS__AUT__X: '1' }, 2, /no plugin 'aut'/],
  ['a setting that a plugin lacks', start, { REVENGE__PLUGINS__AUTH__X: '1' }, 2, /'x' is no setting of auth/],
  [
    'a wrong value for a plugin',
    start,
    { REVENGE__PLUGINS__AUTH__REGISTRATION: 'maybe' },
    2,
    /REGISTRATION: .*"open"\|"closed"/,
  ],
  ['a library of no kind', [...start, '--library', 'film=/tmp'], {}, 2, /'film' is no kind of library/],
  ['a library without a path', [...start, '--library', 'movie'], {}, 2, /no '=' with a path/],
  ['a config file that is not there', [...start, '--config', 'gone.yaml'], {}, 2, /gone\.yaml cannot be read/],
  [
    'a data folder that cannot be made',
    ['start', '--data', '/proc/revenge'],
    {},
    1,
    /\/proc\/revenge cannot be written/,
  ],
  ['a database that does not answer', start, { DATABASE_URL: 'postgres://x:y@127.0.0.1:1/z' }, 1, /cannot be reached/],
  ['a database URL of another kind', start, { DATABASE_URL: 'mysql://x' }, 2, /database\.url \(from DATABASE_URL\)/],
  ['a plugin folder that is none', start, { REVENGE__PACKAGES: './nothing' }, 1, /is no plugin package/],
  ['a plugin command that is none', ['plugin', 'ad', 'x'], {}, 2, /no 'plugin ad'/],
])('%s gets one clear message and no stack', async (_, args, env, code, message) => {
  const ended = await revenge(args, env);
  expect([ended.code, ended.err]).toEqual([code, expect.stringMatching(message)]);
  expect(ended.err).not.toMatch(/^\s+at /m);
});

test('a port in use is named with the cure, and nothing is left running', async () => {
  const taken = createServer();
  await new Promise<void>((listening) => taken.listen(0, '0.0.0.0', () => listening()));
  const { port } = taken.address() as AddressInfo;
  const env = { DATABASE_URL: database.url, REVENGE__OBSERVABILITY__PORT: '0' };
  const ended = await revenge(['start', '--data', 'data', '--port', String(port)], env);
  await new Promise((closed) => taken.close(closed));
  expect([ended.code, ended.err]).toEqual([1, expect.stringMatching(new RegExp(`Port ${port} is in use[^]*--port`))]);
});

test('--help lists commands, the flags of plugins and every setting, and --version says what runs', async () => {
  const [help, version] = await Promise.all([revenge(['--help']), revenge(['--version'])]);
  expect(help.code).toBe(0);
  for (const word of ['start', 'doctor', '--library TYPE=PATH', '--sample', 'server.trusted_proxies'])
    expect(help.out).toContain(word);
  expect([version.code, version.out]).toEqual([0, expect.stringMatching(/^revenge \d+\.\d+\.\d+ \(SDK/)]);
});

test('plan says the order, and openapi prints a document of it', async () => {
  const plan = await revenge(['plan']);
  expect([plan.code, plan.out]).toEqual([0, '1. auth\n2. library\n']);
  const openapi = await revenge(['openapi']);
  const { paths } = JSON.parse(openapi.out) as { paths: object };
  expect(Object.keys(paths)).toEqual(expect.arrayContaining(['/api/v1/movies', '/api/v1/auth/login']));
});

test('doctor names what is wrong and ends with 1, or with 0 when all is well', async () => {
  const well = await revenge(['doctor', '--data', 'data'], { DATABASE_URL: database.url });
  expect([well.code, well.out]).toEqual([0, expect.stringMatching(/ok {4}search in every script/)]);
  const ill = await revenge(['doctor', '--data', 'data'], { DATABASE_URL: 'postgres://x:y@127.0.0.1:1/z' });
  expect([ill.code, ill.out]).toEqual([1, expect.stringContaining('FAIL')]);
});

test('a config file gives what neither flag nor environment says', async () => {
  writeFileSync(join(cwd, 'mine.yaml'), 'server: { port: nothing }\n');
  const ended = await revenge(['start', '--config', 'mine.yaml', '--data', 'data']);
  expect([ended.code, ended.err]).toEqual([2, expect.stringContaining('server.port (from mine.yaml)')]);
});
