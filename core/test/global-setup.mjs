import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tsImport } from 'tsx/esm/api';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** One PostgreSQL for the whole run, unless REVENGE_TEST_DATABASE_URL names one. Tests make a database each (createTestDatabase). */
export default async function setUp() {
  // Worker threads run what is built where that is as new as the source: a loader costs 0.2 s in each of some hundred threads.
  if (isBuilt()) process.env.REVENGE_TEST_BUILT_WORKERS = '1';
  if (process.env.REVENGE_TEST_DATABASE_URL) return;
  try {
    const { startTestCluster } = await tsImport('../src/testing/postgres.ts', import.meta.url);
    const cluster = await startTestCluster();
    process.env.REVENGE_TEST_DATABASE_URL = cluster.url;
    globalThis.stopRevengeTestCluster = cluster.stop;
    process.once('exit', cluster.kill); // Ctrl-C runs no teardown
  } catch (error) {
    // Tests without a database go on; those with one fail with this reason themselves.
    process.stderr.write(`no PostgreSQL for the tests: ${error.message}\n`);
  }
}

/** Nothing was edited since the last `tsc -b`. */
function isBuilt() {
  const plugins = readdirSync(join(ROOT, 'plugins')).map((name) => join('plugins', name));
  return ['sdk', 'core', ...plugins].every((name) => {
    const mark = join(ROOT, name, 'dist', '.tsbuildinfo');
    if (!existsSync(mark)) return !existsSync(join(ROOT, name, 'src'));
    const built = statSync(mark).mtimeMs;
    const sources = readdirSync(join(ROOT, name, 'src'), { recursive: true }).filter((file) => file.endsWith('.ts'));
    return sources.every((file) => statSync(join(ROOT, name, 'src', file)).mtimeMs <= built);
  });
}
