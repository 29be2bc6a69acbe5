#!/usr/bin/env node
// Every benchmark, one after the other, so that none of them disturbs the next. `--small` is CI's: the same code, little of it.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const BENCHMARKS = [
  'types/run.mjs',
  'names/run.mjs',
  'jobs/run.mjs',
  'http/bench.mjs',
  'start/run.mjs',
  'scan/run.mjs',
];
const args = process.argv.slice(2);
if (args.includes('--help') || args.includes('-h')) {
  console.log('Usage: npm run bench [-- --small]\nRuns: ' + BENCHMARKS.map((name) => name.split('/')[0]).join(', '));
  process.exit(0);
}
let failed = 0;
for (const name of BENCHMARKS) {
  const file = fileURLToPath(new URL(name, import.meta.url));
  if (!existsSync(file)) throw new Error(`${name} is not there`);
  console.log(`\n── ${name.split('/')[0]} ${'─'.repeat(60)}`);
  const { status, signal } = spawnSync(process.execPath, [file, ...args], { stdio: 'inherit' });
  if (status !== 0) {
    console.log(`${name} ended with ${signal ?? status}`);
    failed += 1;
  }
}
process.exitCode = failed ? 1 : 0;
