#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';

const [major, minor] = process.versions.node.split('.').map(Number);
const main = new URL('../dist/main.js', import.meta.url);

function refuse(what, cure) {
  process.stderr.write(`${what}\n  ${cure}\n`);
  process.exit(1);
}
if (!((major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22))
  refuse(
    `Revenge needs Node 20.19 or later, or 22.12 or later; this is ${process.version}.`,
    'Install a newer Node: https://nodejs.org',
  );
if (!existsSync(main))
  refuse(
    'Revenge is not built yet: npm start runs what npm ci built.',
    "Run 'npm run build'. When npm ci said that scripts were not run (ignore-scripts, or not allowed), that is why.",
  );

// Collect when the old heap has grown by so many percent, not to the double and more: a scan's garbage would stand for tens of MB of memory.
setFlagsFromString('--heap-growing-percent=70');

const { run } = await import(main.href);
process.exitCode = await run(process.argv.slice(2));
// A plugin that left a timer or a socket behind does not keep the process from ending.
setTimeout(() => process.exit(), 3_000).unref();
