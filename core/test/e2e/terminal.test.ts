import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, expect, test } from '@jest/globals';
import { createTestDatabase } from '../../src/testing/postgres.ts';
import { startTestServer } from '../../src/testing/server.ts';
import { administrator, call } from '../kernel/api.ts';
import { scanned } from './support.ts';

const BIN = fileURLToPath(new URL('../../bin/revenge.mjs', import.meta.url));
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

test('a command whose reader has read enough ends without a word', async () => {
  const script = `"$0" "$1" openapi --data /tmp/revenge-nowhere | head -n 1; echo "\${PIPESTATUS[0]}"`;
  const { stdout, stderr } = await promisify(execFile)('bash', ['-c', script, process.execPath, BIN]);
  expect([stdout, stderr]).toEqual(['{\n0\n', '']);
});

test('a server whose output nobody reads any more goes on', async () => {
  const database = await createTestDatabase();
  ends.push(() => database.drop());
  const server = await startTestServer({ args: ['--sample'], env: { DATABASE_URL: database.url } });
  ends.push(() => server.stop());
  const token = await administrator(server);
  const [library] = await scanned(server, token);
  server.process.stdout?.destroy();
  server.process.stderr?.destroy();
  await call(server, `POST /libraries/${library?.id}/scan`, { as: token, body: { scan_type: 'full' } }); // which it says
  const [after] = await scanned(server, token);
  expect(after?.latest_scan?.status).toBe('completed');
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
});

test('a closed terminal ends the server in order, with its PostgreSQL', async () => {
  const server = await startTestServer();
  const folder = join(server.data, 'postgres');
  const [major = ''] = readdirSync(folder).filter((name) => /^\d+$/.test(name));
  const running = join(folder, major, 'postmaster.pid');
  const before = existsSync(running);
  server.process.kill('SIGHUP');
  await server.printed(/SIGHUP: stopping/);
  await new Promise((done) => server.process.once('close', done));
  expect([before, existsSync(running), server.process.exitCode]).toEqual([true, false, 0]);
  await server.stop();
});
