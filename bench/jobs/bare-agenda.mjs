// Agenda alone on the same server: what its own enqueue and pickup cost.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import pg from 'pg';

// They are the kernel's dependencies, not the benchmark's.
const core = createRequire(new URL('../../core/package.json', import.meta.url));
const { Agenda } = await import(pathToFileURL(core.resolve('agenda')).href);
const { PostgresBackend } = await import(pathToFileURL(core.resolve('@agendajs/postgres-backend')).href);

const server = process.argv[2];
const name = `bench_agenda_${process.pid}`;
const client = new pg.Client({ connectionString: server });
await client.connect();
await client.query(`CREATE DATABASE ${name}`);
await client.end();
const pool = new pg.Pool({ connectionString: Object.assign(new URL(server), { pathname: `/${name}` }).href, max: 10 });
pool.on('error', console.error);
const agenda = new Agenda({ backend: new PostgresBackend({ pool }), processEvery: 5_000 });
agenda.notificationChannel.on('error', console.error);
let started = () => undefined;
const count = { runs: 0 };
agenda.define(
  'noop',
  async () => {
    count.runs++;
    started(performance.now());
  },
  { removeOnComplete: true },
);
await agenda.start();
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

const measures = {
  async idle(n) {
    const times = [];
    for (let k = 0; k < n; k++) {
      await pause(10 + Math.random() * 10);
      const at = new Promise((resolve) => (started = resolve));
      const begun = performance.now();
      await agenda.now('noop', { k });
      times.push((await at) - begun);
    }
    return times;
  },
  async thousand(n) {
    const until = count.runs + n;
    const begun = performance.now();
    for (let k = 0; k < n; k++) await agenda.now('noop', { k });
    const took = performance.now() - begun;
    while (count.runs < until) await pause(50);
    await pause(1_000);
    return took;
  },
};
process.on('message', async ({ what, n }) => {
  if (what !== 'end') return process.send(await measures[what](n));
  await agenda.stop(false);
  await pool.end();
  process.exit(0);
});
await measures.idle(20);
process.send('ready');
