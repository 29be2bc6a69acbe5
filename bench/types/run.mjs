#!/usr/bin/env node
// How long the compiler takes for contracts of 1, 50 and 200 routes, beside the same schemas in bare zod in one run.
// usage: run.mjs [--small] [--rounds N]
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { small: { type: 'boolean' }, rounds: { type: 'string' } } });
const root = fileURLToPath(new URL('../..', import.meta.url));
const rounds = Number(values.rounds ?? (values.small ? 1 : 5));
const sizes = values.small ? [1, 50] : [1, 50, 200];

const schema = (i) => `z.object({ id: z.string(), n${i}: z.int(), at: z.iso.datetime().optional() })`;
const half = (i) => (i % 2 ? `body: ${schema(i)},` : `query: z.object({ page${i}: z.coerce.number().default(1) }),`);
const key = (i) => `'${i % 2 ? 'POST' : 'GET'} /things${i}/:id'`;
const each = (n, line) => Array.from({ length: n }, (_, i) => line(i)).join('\n');

const contract = (n) => `import { z } from 'zod';
import { defineContract, definePlugin } from '@revenge/sdk';
export const contract = defineContract({ id: 'bench', title: 'Bench', sdk: '^1.0', routes: {
${each(n, (i) => `  ${key(i)}: { access: 'user', ${half(i)} responses: { 200: ${schema(i)} } },`)}
} });
export default definePlugin(contract, (ctx) => ctx.implement({ routes: {
${each(n, (i) => `  ${key(i)}: ({ params }) => ({ id: params.id, n${i}: ${i} }),`)}
} }));
`;
const bare = (n) => `import { z } from 'zod';
export const schemas = {
${each(n, (i) => `  ${key(i)}: { ${half(i)} 200: ${schema(i)} },`)}
};
export const values = {
${each(n, (i) => `  a${i}: (id: string): z.input<(typeof schemas)[${key(i)}][200]> => ({ id, n${i}: ${i} }),`)}
};
`;

/** One run of the compiler: what --extendedDiagnostics counts, or its errors. */
function check(file) {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const flags = '--noEmit --ignoreConfig --strict --skipLibCheck --module nodenext --target es2023 --types node';
  const args = [tsc, ...flags.split(' '), '--extendedDiagnostics', file];
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${file} does not compile:\n${stdout.slice(0, 2_000)}`);
  const figure = (name) => Number(new RegExp(`^${name}:\\s+([\\d.]+)`, 'm').exec(stdout)?.[1]);
  return { instantiations: figure('Instantiations'), seconds: figure('Check time') };
}
const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];

mkdirSync(join(root, 'bench/types/.work'), { recursive: true });
const dir = mkdtempSync(join(root, 'bench/types/.work/'));
try {
  const files = sizes.flatMap((n) =>
    [contract, bare].map((make) => {
      const file = join(dir, `${make.name}${n}.ts`);
      writeFileSync(file, make(n));
      return { n, kind: make.name, file, runs: [] };
    }),
  );
  for (let round = 0; round < rounds; round += 1) for (const each of files) each.runs.push(check(each.file));
  process.stdout.write(`medians of ${rounds} interleaved rounds; check time in seconds\n`);
  process.stdout.write('routes  instantiations  per route  check  bare zod  ratio\n');
  const at = (n, kind) => files.find((file) => file.n === n && file.kind === kind).runs;
  const base = at(sizes[0], 'contract')[0].instantiations;
  for (const n of sizes) {
    const { instantiations } = at(n, 'contract')[0];
    const [own, zod] = ['contract', 'bare'].map((kind) => median(at(n, kind).map((run) => run.seconds)));
    const per = n > 1 ? Math.round((instantiations - base) / (n - 1)) : '-';
    const cells = [n, instantiations, per, own.toFixed(3), zod.toFixed(3), (own / zod).toFixed(2)];
    process.stdout.write(`${cells.map((c, i) => String(c).padStart([6, 14, 9, 5, 8, 5][i])).join('  ')}\n`);
  }
} finally {
  rmSync(join(root, 'bench/types/.work'), { recursive: true });
}
