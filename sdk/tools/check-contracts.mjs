#!/usr/bin/env node
// Every plugin's built contract derives without a fault, and plugins/*/contract.api.md says what it is.
// usage: check-contracts.mjs [--write]   exit status: 0 in step, 1 not
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { write: { type: 'boolean' }, root: { type: 'string' } } });
const home = fileURLToPath(new URL('../..', import.meta.url));
const root = resolve(values.root ?? home);
const faults = [];
const contracts = [];

/** The contract where package.json exports it built; undefined where there is no plugin. */
async function builtContract(dir) {
  const json = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
  if (!json.revenge?.plugin) return undefined;
  const target = json.exports?.['./contract']?.default ?? json.exports?.['.']?.default;
  const file = target && join(dir, target);
  if (!file || !existsSync(file))
    throw new Error(`${target ?? 'its export "./contract"'} is not there; run npm run build`);
  const module = await import(pathToFileURL(file).href);
  const contract = module.contract ?? module.default?.contract ?? module.default;
  if (!contract?.id) throw new Error(`${target} exports no contract; export it as \`contract\``);
  return contract;
}

function compare(dir, text) {
  const file = join(dir, 'contract.api.md');
  const stored = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  if (stored === text) return;
  if (values.write) writeFileSync(file, text);
  else
    throw new Error(
      `contract.api.md ${stored === undefined ? 'is missing' : 'is not what the contract says'}; run npm run report`,
    );
}

const { manifest, openapi, report } = await import(pathToFileURL(join(home, 'sdk/dist/index.js')).href).catch(() => {
  process.stderr.write('check:contracts: the SDK is not built; run npm run build\n');
  process.exit(1);
});
const plugins = join(root, 'plugins');
const dirs = readdirSync(plugins).filter((name) => existsSync(join(plugins, name, 'package.json')));
for (const dir of dirs.sort().map((name) => join(plugins, name))) {
  try {
    const contract = await builtContract(dir);
    if (!contract) continue;
    manifest(contract);
    openapi([contract]);
    contracts.push(contract);
    compare(dir, report(contract));
  } catch (error) {
    faults.push(`${relative(root, dir)}: ${error.message}`);
  }
}
try {
  openapi(contracts);
} catch (error) {
  faults.push(`all plugins together: ${error.message}`);
}
for (const fault of faults) process.stderr.write(`check:contracts: ${fault}\n`);
process.exitCode = faults.length ? 1 : 0;
