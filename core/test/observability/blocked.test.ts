import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { jobMigrations } from '../../src/jobs/jobs.migration.ts';
import { testDatabase, type TestDatabase, until } from '../jobs/test-nodes.ts';

let database: TestDatabase;
let child: ChildProcess;
let port: number;
beforeEach(async () => {
  database = await testDatabase(jobMigrations);
  child = fork(fileURLToPath(new URL('./blocked-node.mjs', import.meta.url)), [database.url], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  [port] = (await once(child, 'message')) as [number];
});
afterEach(async () => {
  child.kill('SIGKILL');
  await database.drop();
});

async function get(path: string): Promise<readonly [number, string]> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return [response.status, await response.text()];
}

test('while the main thread is blocked the port says so in bounded time, and is well again afterwards', async () => {
  expect(await get('/health/live')).toEqual([200, '{"status":"live","reasons":[]}\n']);
  let free = false;
  child.once('message', () => (free = true));
  child.send(6_000);
  const told = await until('it to be said', async () => {
    const [status, text] = await get('/health/live');
    return status === 503 && text;
  });
  expect(told).toMatch(/"the main thread has shown no sign of life for \d s"/);
  const silence = [503, 'the main thread does not answer\n'];
  const all = await Promise.all(['/metrics', '/metrics', '/health/ready', '/health/ready'].map(get));
  expect(all).toEqual([silence, silence, silence, silence]);
  // The two that were not answered are still open: no third is put upon it.
  expect(await get('/metrics')).toEqual([503, 'too many scrapes at once\n']);
  expect(free).toBe(false);
  await until('it to be live again', async () => (await get('/health/live'))[0] === 200);
  expect([(await get('/metrics'))[0], (await get('/health/ready'))[0]]).toEqual([200, 200]);
});

test('a thread that ends is named in the log and replaced at the same port', async () => {
  child.send('end the thread');
  expect(await once(child, 'message')).toEqual(['ended', undefined]);
  const status = async (): Promise<number> => (await get('/metrics'))[0];
  await until('the port to be open again', () => status().catch(() => undefined));
  const lines = once(child, 'message');
  child.kill('SIGUSR2');
  expect(String((await lines)[0])).toContain('the observability port failed and is opened again');
});
