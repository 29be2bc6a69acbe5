/**
 * `npm run bench:http`: what the kernel's HTTP layer costs, as ratios to a bare Koa that answers the same bytes. Rounds are interleaved, the load comes
 * from another process, medians are compared. Options: --rounds N (21), --seconds N (0.8), --small (CI: 2 rounds of 0.5 s, nothing fails), --json FILE.
 */
import { fork, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { BODY } from './item.mjs';
import { startRevenge } from './revenge-server.mjs';

const CONNECTIONS = 32;
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '21' },
    seconds: { type: 'string', default: '0.8' },
    small: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});
const rounds = options.small ? 2 : Number(options.rounds);
const seconds = options.small ? 0.5 : Number(options.seconds);
const here = (file) => fileURLToPath(new URL(file, import.meta.url));

/** Starts a server that prints its port. */
function start(file, ...args) {
  const child = spawn(process.execPath, [here(file), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code}`)));
    child.stdout.once('data', (line) => resolve({ child, port: Number(line) }));
  });
}
const generator = fork(here('load.mjs'));
/** Asks one server for a while; one at a time. */
function load({ port, path, headers }, time) {
  return new Promise((resolve, reject) => {
    const ended = (code) => reject(new Error(`the load ended with ${code}`));
    generator.once('exit', ended);
    generator.once('message', (result) => {
      generator.off('exit', ended);
      resolve(result);
    });
    generator.send({ port, path, headers, seconds: time, connections: CONNECTIONS });
  });
}

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
const folder = mkdtempSync(join(tmpdir(), 'revenge-bench-'));
const started = [];
const server = async (...args) => {
  const one = await start(...args);
  started.push(one.child);
  return one.port;
};
const revenge = async (name, routes) => {
  const one = await startRevenge(join(folder, name), routes);
  started.push(one.child);
  return { port: one.port, token: { authorization: `Bearer ${one.token}` } };
};

try {
  const bare = await server('bare-koa.mjs', BODY);
  const dispatch = await server('koa-dispatch.mjs', BODY, '200');
  const dispatchOne = await server('koa-dispatch.mjs', BODY, '1');
  const many = await revenge('many', 200);
  const one = await revenge('one', 1);
  // each server gets the very bytes that the bare Koa it is compared with got, and answers the same body
  const plain = { path: '/api/v1/bench-7/plain-3/42', headers: {}, base: 0 };
  const plainOne = { ...plain, path: '/api/v1/bench-0/plain-0/42' };
  const checked = { path: '/api/v1/bench-7/checked-3/42?limit=10', headers: many.token, base: 3 };
  const checkedOne = { path: '/api/v1/bench-0/checked-0/42?limit=10', headers: one.token, base: 3 };
  const cases = [
    { ...plain, name: 'bare Koa', port: bare },
    { ...plain, name: 'a: dispatch, 200 routes', port: dispatch, goal: 0.95 },
    { ...plainOne, name: 'a: dispatch, 1 route', port: dispatchOne, beside: 1 },
    { ...checked, name: 'bare Koa, asked as in c', port: bare },
    { ...plain, name: 'b: public, 200 routes', port: many.port, goal: 0.6 },
    { ...plainOne, name: 'b: public, 1 route', port: one.port, beside: 4 },
    { ...checked, name: 'c: checked, 200 routes', port: many.port, goal: 0.45 },
    { ...checkedOne, name: 'c: checked, 1 route', port: one.port, beside: 6 },
  ].map((c) => ({ ...c, rates: [] }));
  for (const c of cases) await load(c, Math.max(1, seconds));
  for (let round = 0; round < rounds; round++)
    // forth and back, so that what else the machine does meets all alike
    for (const c of round % 2 === 0 ? cases : cases.toReversed()) {
      const got = await load(c, seconds);
      if (got.failures > 0 || got.bytes !== Buffer.byteLength(BODY))
        throw new Error(`${c.name}: ${got.failures} failures, ${got.bytes} bytes`);
      c.rates.push(got.requests / got.seconds);
    }
  const rows = cases.map((c) => {
    const ratios = c.rates.map((rate, i) => rate / cases[c.base].rates[i]);
    const beside =
      c.beside === undefined ? undefined : median(cases[c.beside].rates.map((rate, i) => rate / c.rates[i]));
    return {
      name: c.name,
      rps: Math.round(median(c.rates)),
      ratio: median(ratios),
      low: Math.min(...ratios),
      high: Math.max(...ratios),
      goal: c.goal,
      beside,
    };
  });
  const say = (line) => process.stdout.write(`${line}\n`);
  say(
    `${rounds} rounds of ${seconds} s, ${CONNECTIONS} connections, ${Buffer.byteLength(BODY)} bytes, Node ${process.version}, ${availableParallelism()} cores, load average ${loadavg()[0].toFixed(1)}`,
  );
  for (const r of rows) {
    const goal = r.goal === undefined ? '' : `  goal ≥ ${r.goal}: ${r.ratio >= r.goal ? 'met' : 'MISSED'}`;
    const beside =
      r.beside === undefined
        ? ''
        : `  200 routes / 1 route ${r.beside.toFixed(3)}, goal ≥ 0.97: ${r.beside >= 0.97 ? 'met' : 'MISSED'}`;
    say(
      `${r.name.padEnd(26)} ${String(r.rps).padStart(7)} req/s  ${r.ratio.toFixed(3)} (${r.low.toFixed(3)}–${r.high.toFixed(3)})${goal}${beside}`,
    );
  }
  const result = JSON.stringify({
    benchmark: 'http',
    node: process.version,
    rounds,
    seconds,
    connections: CONNECTIONS,
    rows,
  });
  say(result);
  if (options.json) writeFileSync(options.json, `${result}\n`);
  const missed = rows.some(
    (r) => (r.goal !== undefined && r.ratio < r.goal) || (r.beside !== undefined && r.beside < 0.97),
  );
  if (missed && !options.small) process.exitCode = 1;
} finally {
  generator.disconnect();
  await Promise.all(started.map(end));
  rmSync(folder, { recursive: true, force: true });
}

/** SIGTERM, so that a server stops its PostgreSQL; resolves when it is gone. */
function end(child) {
  child.removeAllListeners('exit');
  if (child.exitCode !== null) return undefined;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  return gone;
}
