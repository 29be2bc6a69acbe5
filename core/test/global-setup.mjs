import { tsImport } from 'tsx/esm/api';

/** One PostgreSQL for the whole run, unless REVENGE_TEST_DATABASE_URL names one. Tests make a database each (createTestDatabase). */
export default async function setUp() {
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
