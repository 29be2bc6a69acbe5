#!/usr/bin/env node
// How long a job waits when nothing else does: enqueue to start, commit to start, and a thousand enqueues; beside it Agenda alone, in one run.
import { fork } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startTestCluster } from '../../core/dist/testing/postgres.js';

const HELP = `Usage: npm run bench:jobs -- [--count N] [--small] [--check]
  --count N   jobs measured one after the other (300; small: 40)
  --small     for CI: few jobs, the same code
  --check     exit 1 when a goal is missed
Against DATABASE_URL when it is set, else a PostgreSQL of its own with fsync on.
Goals: idle enqueue → start ≤ 10 ms (median), commit → start ≤ 50 ms (median), 1,000 enqueues ≤ 2 s while they are run.`;
const { values } = parseArgs({
  options: {
    count: { type: 'string' },
    small: { type: 'boolean' },
    check: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const count = Number(values.count ?? (values.small ? 40 : 300));
const rounds = values.small ? 2 : 7;

const safe = { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' };
const cluster = process.env.DATABASE_URL ? undefined : await startTestCluster(safe);
const url = process.env.DATABASE_URL ?? cluster.url;
const results = {};
try {
  const ours = await child('queue.mjs');
  const bare = await child('bare-agenda.mjs');
  const each = Math.ceil(count / rounds);
  const idle = { ours: [], bare: [] };
  const commit = [];
  const thousand = { ours: [], stored: [], bare: [] };
  // Interleaved, so that a busy machine is busy for both.
  for (let round = 0; round < rounds; round++) {
    idle.ours.push(...(await ours.ask('idle', each)));
    idle.bare.push(...(await bare.ask('idle', each)));
    commit.push(...(await ours.ask('commit', each)));
  }
  for (let round = 0; round < (values.small ? 1 : 3); round++) {
    thousand.ours.push(await ours.ask('thousand', values.small ? 200 : 1_000));
    thousand.stored.push(await ours.ask('stored', values.small ? 200 : 1_000));
    thousand.bare.push(await bare.ask('thousand', values.small ? 200 : 1_000));
  }
  await ours.end();
  await bare.end();
  Object.assign(results, {
    idle_enqueue_to_start_ms: summary(idle.ours),
    bare_agenda_idle_ms: summary(idle.bare),
    idle_ratio_to_bare_agenda: ratio(idle.ours, idle.bare),
    commit_to_start_ms: summary(commit),
    [`enqueues_${values.small ? 200 : 1_000}_ms`]: summary(thousand.ours),
    enqueues_without_runs_ms: summary(thousand.stored),
    bare_agenda_enqueues_ms: summary(thousand.bare),
    enqueues_ratio_to_bare_agenda: ratio(thousand.ours, thousand.bare),
  });
} finally {
  await cluster?.stop();
}
console.table(results);
const out = fileURLToPath(new URL('../results/jobs.json', import.meta.url));
mkdirSync(fileURLToPath(new URL('../results', import.meta.url)), { recursive: true });
const about = {
  at: new Date().toISOString(),
  node: process.version,
  cpus: cpus().length,
  load: loadavg()[0],
  small: values.small ?? false,
  count,
};
writeFileSync(out, `${JSON.stringify({ about, results }, undefined, 2)}\n`);
const scale = values.small ? 5 : 1;
const missed = [
  [results.idle_enqueue_to_start_ms.median <= 10, 'idle enqueue → start above 10 ms'],
  [results.commit_to_start_ms.median <= 50, 'commit → start above 50 ms'],
  [results[`enqueues_${values.small ? 200 : 1_000}_ms`].median * scale <= 2_000, '1,000 enqueues above 2 s'],
].filter(([met]) => !met);
for (const [, what] of missed) console.error(`Goal missed: ${what}.`);
if (missed.length && values.check) process.exitCode = 1;

/** A process that measures, so that nothing here disturbs it. */
async function child(file) {
  const process_ = fork(fileURLToPath(new URL(file, import.meta.url)), [url], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const heard = () =>
    new Promise((resolve, reject) => {
      const ended = (code) => reject(new Error(`${file} ended with ${code}`));
      process_.once('exit', ended);
      process_.once('message', (message) => {
        process_.off('exit', ended);
        resolve(message);
      });
    });
  await heard();
  return {
    ask: (what, n) => {
      process_.send({ what, n });
      return heard();
    },
    end: async () => {
      const gone = new Promise((done) => process_.once('exit', done));
      process_.send({ what: 'end' });
      await gone;
    },
  };
}

function summary(list) {
  const sorted = list.toSorted((a, b) => a - b);
  const at = (q) => Number(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))].toFixed(2));
  return { median: at(0.5), p99: at(0.99), min: at(0), max: at(1), n: list.length };
}
function ratio(ours, bare) {
  return { median: Number((summary(ours).median / summary(bare).median).toFixed(2)) };
}
