#!/usr/bin/env node
// Who may import whom. usage: check-boundaries.mjs [ROOT]   exit status: 0 kept, 1 broken
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkAreas } from './boundaries/check-areas.mjs';
import { checkCycles } from './boundaries/check-cycles.mjs';
import { checkPackages } from './boundaries/check-packages.mjs';
import { readTree } from './boundaries/tree.mjs';

const root = resolve(process.argv[2] ?? fileURLToPath(new URL('../..', import.meta.url)));
const tree = readTree(root);
const broken = [];
const report = (file, line, law, cure) => broken.push(`${file.path}:${line}: ${law}; ${cure}`);
for (const check of [checkPackages, checkAreas, checkCycles]) check(tree, report);
for (const line of broken.sort()) process.stderr.write(`${line}\n`);
if (broken.length) process.stderr.write(`check:boundaries: ${broken.length} imports cross a boundary\n`);
process.exitCode = broken.length ? 1 : 0;
