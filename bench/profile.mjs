#!/usr/bin/env node
// A profile of the servers that a benchmark starts: node bench/profile.mjs cpu|heap [http|scan|jobs|start]. Opens in a browser's devtools.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FILES = { http: 'http/bench.mjs', scan: 'scan/run.mjs', jobs: 'jobs/run.mjs', start: 'start/run.mjs' };
const [kind = '', what = 'http'] = process.argv.slice(2);
if (!['cpu', 'heap'].includes(kind) || !FILES[what]) {
  console.error(
    `Usage: npm run bench:cpu -- [${Object.keys(FILES).join('|')}], or bench:mem (${kind || 'nothing'} ${what} was typed)`,
  );
  process.exit(2);
}
const folder = fileURLToPath(new URL(`results/${kind}-${what}`, import.meta.url));
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const hook = new URL('profile-hook.mjs', import.meta.url).href;
const { status } = spawnSync(process.execPath, [fileURLToPath(new URL(FILES[what], import.meta.url)), '--small'], {
  stdio: 'inherit',
  env: {
    ...process.env,
    REVENGE_PROFILE: kind,
    REVENGE_PROFILE_DIR: folder,
    NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import ${hook}`,
  },
});
console.log(`${readdirSync(folder).length} profiles, one a process that ended by itself, are in ${folder}`);
process.exitCode = status ?? 1;
