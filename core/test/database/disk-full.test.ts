import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DatabaseHealth } from '../../src/database/database-health.ts';
import { databaseProblem } from '../../src/database/database-problem.ts';
import { type Embedded, startEmbedded } from '../../src/database/embedded/start-embedded.ts';
import { DatabasePool } from '../../src/database/pool.ts';
import { removeFolder, temporaryFolder } from './embedded-server.ts';
import { MemoryLog, until } from './open-database.ts';

let disk = '';
let mounted = false;
beforeAll(() => {
  disk = temporaryFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=160m,mode=0755', 'tmpfs', disk], { stdio: 'pipe' });
    mounted = true;
  } catch (error) {
    process.stderr.write(`skipped: a full disk, as no tmpfs can be mounted here (${String(error).split('\n')[0]})\n`);
  }
});
afterAll(() => {
  if (mounted) execFileSync('umount', ['-l', disk]);
  removeFolder(disk);
});

/** Takes what is left of the disk. */
function fill(file: string): void {
  const to = openSync(file, 'w');
  try {
    for (const size of [1 << 20, 4_096]) fillBy(to, Buffer.alloc(size));
  } finally {
    closeSync(to);
  }
}
function fillBy(to: number, block: Buffer): void {
  try {
    while (writeSync(to, block) === block.length);
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOSPC' });
  }
}

test('on a full disk writes are 507, reads go on, readiness names it, and it comes back by itself', async () => {
  if (!mounted) return;
  const data = join(disk, 'data');
  mkdirSync(data);
  const log = new MemoryLog();
  const embedded: Embedded = await startEmbedded({ data, log, apiPort: 1, onLost: (reason) => log.error(reason) });
  const health = new DatabaseHealth({ connection: embedded.connection, log });
  const settings = { max: 3, applicationName: 'test', statementTimeoutMs: 10_000 };
  const pool = new DatabasePool(embedded.connection, settings, { log, observe: health.observe });
  health.start();
  try {
    const write = () =>
      pool.query({ text: `insert into t select g, repeat(md5(g::text), 60) from generate_series(1, 400) g` });
    await pool.query({ text: 'create table t (id int, text text)' });
    await write();

    fill(join(disk, 'filler'));
    let problem: ReturnType<typeof databaseProblem>;
    await until('a write fails', async () => {
      problem = await write().then(() => undefined, databaseProblem);
      return problem !== undefined;
    });
    expect(problem).toMatchObject({ status: 507, headers: { 'retry-after': '60' } });
    expect(health.reason).toMatch(/^database: its disk is full/);
    const { rows } = await pool.query<{ n: number }>({ text: 'select count(*) as n from t' });
    expect(rows[0]?.n).toBeGreaterThanOrEqual(400);

    rmSync(join(disk, 'filler'));
    await until('it is well again', () => health.reason === undefined);
    await write();
  } finally {
    health.stop();
    await pool.stop();
    await embedded.stop();
  }
});
