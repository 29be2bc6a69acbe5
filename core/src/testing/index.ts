export { startTestKernel } from './test-kernel.ts';
export { createTestDatabase, startTestCluster } from './postgres.ts';
export type { TestCluster, TestDatabase } from './postgres.ts';
export { startTestServer } from './server.ts';
export type { TestServer, TestServerOptions } from './server.ts';
