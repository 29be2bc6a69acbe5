// The built queue of the kernel as a server wires it, measured from inside its process: nobody outside can see when a job starts.
import pg from 'pg';
import { PostgresBus } from '../../core/dist/database/postgres-bus.js';
import { DatabasePool } from '../../core/dist/database/pool.js';
import { PostgresDatabase } from '../../core/dist/database/postgres-database.js';
import { jobMigrations } from '../../core/dist/jobs/jobs.migration.js';
import { PostgresJobQueue } from '../../core/dist/jobs/postgres-job-queue.js';
import { PromMetrics } from '../../core/dist/metrics/prom-metrics.js';

const connection = await ownDatabase(process.argv[2]);
const log = { debug() {}, info() {}, warn: console.error, error: console.error, child: () => log, flush() {} };
const pool = new DatabasePool(connection, { max: 10, applicationName: 'bench', statementTimeoutMs: 30_000 }, { log });
const database = new PostgresDatabase({ pool, log });
await database.query('CREATE SCHEMA core');
for (const { up } of jobMigrations) for (const text of [up]) await pool.pg.query(text);
const bus = new PostgresBus({ connection, database, log });
await bus.start();
const queue = new PostgresJobQueue({ database, bus, metrics: new PromMetrics(), log, connection });
await queue.start();

const owner = { plugin: 'bench', instance: 'main' };
let started = () => undefined;
const define = (name) =>
  queue.define({ owner, name, def: {}, cron: undefined, run: () => started(performance.now()), failed: console.error });
await define('noop');
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const start = () => new Promise((resolve) => (started = resolve));

const measures = {
  async idle(n) {
    const times = [];
    for (let k = 0; k < n; k++) {
      await pause(10 + Math.random() * 10);
      const at = start();
      const begun = performance.now();
      await queue.enqueue(owner, 'noop', {}, { k });
      times.push((await at) - begun);
    }
    return times;
  },
  async commit(n) {
    const times = [];
    for (let k = 0; k < n; k++) {
      await pause(10 + Math.random() * 10);
      const at = start();
      // Taken before COMMIT is sent, so its own time counts too.
      const begun = await database.transaction(async (tx) => {
        await queue.enqueue(owner, 'noop', {}, { k }, {}, tx);
        return performance.now();
      });
      times.push((await at) - begun);
    }
    return times;
  },
  /** One after the other, while they are being run. */
  async thousand(n) {
    const begun = performance.now();
    for (let k = 0; k < n; k++) await queue.enqueue(owner, 'noop', {}, { k });
    const took = performance.now() - begun;
    while ((await queue.counts()).available + (await queue.counts()).running > 0) await pause(50);
    await pause(1_000);
    return took;
  },
  /** The same of an instance that nobody runs: storing alone. */
  async stored(n) {
    const begun = performance.now();
    for (let k = 0; k < n; k++) await queue.enqueue({ ...owner, instance: 'absent' }, 'noop', {}, { k });
    const took = performance.now() - begun;
    await pause(1_000);
    return took;
  },
};
process.on('message', async ({ what, n }) => {
  if (what !== 'end') return process.send(await measures[what](n));
  await queue.stop();
  await bus.stop();
  await pool.stop();
  process.exit(0);
});
await measures.idle(20);
process.send('ready');

async function ownDatabase(server) {
  const name = `bench_jobs_${process.pid}`;
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  return Object.assign(new URL(server), { pathname: `/${name}` }).href;
}
