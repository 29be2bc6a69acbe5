#!/usr/bin/env node
// Ready in how long, and how much memory when idle. Times run from the spawn of `npm start` to the first 200 of /readyz.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const HELP = `Usage: npm run bench:start -- [--rounds N] [--idle SECONDS] [--small]
  --rounds N       second starts measured (5; small: 2)
  --idle SECONDS   wait before memory is read (60; small: 3)
Goals: second start ≤ 2.5 s, first ≤ 8 s, idle RSS of the Node process ≤ 220 MB.`;
const { values } = parseArgs({
  options: {
    rounds: { type: 'string' },
    idle: { type: 'string' },
    small: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const rounds = Number(values.rounds ?? (values.small ? 2 : 5));
const idle = Number(values.idle ?? (values.small ? 3 : 60));
const root = fileURLToPath(new URL('../..', import.meta.url));
const data = mkdtempSync(join(tmpdir(), 'revenge-bench-start-'));

const freePort = () =>
  new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];

/** The baseline of this run: how long npm alone takes to run a script that does nothing. */
async function bareNpm() {
  const begun = performance.now();
  const child = spawn('npm', ['exec', '--offline', '--', 'node', '-e', '0'], { cwd: root, stdio: 'ignore' });
  await new Promise((done) => child.once('close', done));
  return performance.now() - begun;
}

async function start() {
  const port = await freePort();
  const begun = performance.now();
  const child = spawn('npm', ['start', '--', '--data', data, '--port', String(port), '--host', '127.0.0.1'], {
    cwd: root,
    env: { ...process.env, REVENGE__OBSERVABILITY__PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const ended = new Promise((done) => child.once('close', done));
  for (;;) {
    const ready = await fetch(`http://127.0.0.1:${port}/readyz`).then(
      (answer) => answer.body?.cancel().then(() => answer.status === 200),
      () => false,
    );
    if (ready) break;
    if (child.exitCode !== null) throw new Error(`the server ended before it was ready:\n${said}`);
    if (performance.now() - begun > 60_000) throw new Error(`not ready within 60 s:\n${said}`);
    await sleep(5);
  }
  const ms = performance.now() - begun;
  const stop = async () => {
    process.kill(-child.pid, 'SIGTERM');
    await ended;
  };
  return { ms, stop };
}

/** Resident MB of the server's Node process and of its PostgreSQL, told apart by their command lines. Linux only. */
function memory() {
  const mb = { node: 0, postgres: 0 };
  if (process.platform !== 'linux') return mb;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      const rss = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
      const parent = /PPid:\s+(\d+)/.exec(status)?.[1];
      if (command.includes('revenge.mjs') && command.includes(data) && !/^(npm|sh)\b/.test(command)) mb.node += rss;
      // Shared buffers are counted in each backend: proportional set size counts them once.
      const server =
        command.includes(join(data, 'postgres')) ||
        (command.startsWith('postgres:') && readFileSync(`/proc/${parent}/cmdline`, 'utf8').includes(data));
      if (server)
        mb.postgres +=
          Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) / 1024;
    } catch {
      continue; // ended meanwhile, or another user's
    }
  }
  return mb;
}

try {
  const bare = median([await bareNpm(), await bareNpm(), await bareNpm()]);
  const first = await start();
  await first.stop();
  const times = [];
  let used = { node: 0, postgres: 0 };
  for (let i = 0; i < rounds; i += 1) {
    const run = await start();
    times.push(run.ms);
    if (i === rounds - 1) {
      await sleep(idle * 1_000);
      used = memory();
    }
    await run.stop();
  }
  const second = median(times);
  const rows = [
    ['first start', `${(first.ms / 1_000).toFixed(2)} s`, 'goal ≤ 8 s', `${(first.ms / bare).toFixed(1)} × bare npm`],
    [
      'second start',
      `${(second / 1_000).toFixed(2)} s`,
      'goal ≤ 2.5 s',
      `${(second / bare).toFixed(1)} × bare npm (${Math.min(...times).toFixed(0)}–${Math.max(...times).toFixed(0)} ms)`,
    ],
    [`idle RSS, Node, after ${idle} s`, `${used.node.toFixed(0)} MB`, 'goal ≤ 220 MB', ''],
    ['idle PSS, PostgreSQL', `${used.postgres.toFixed(0)} MB`, '', ''],
    ['bare npm', `${(bare / 1_000).toFixed(2)} s`, 'baseline', ''],
  ];
  for (const row of rows) console.log(row[0].padEnd(32) + row[1].padEnd(12) + row[2].padEnd(16) + row[3]);
  mkdirSync(join(root, 'bench/results'), { recursive: true });
  writeFileSync(
    join(root, 'bench/results/start.json'),
    JSON.stringify({ first: first.ms, second: times, bare, memory: used, idle }, undefined, 2),
  );
} finally {
  rmSync(data, { recursive: true, force: true });
}
