/** Tests import sources ('revenge-source' in each package.json); only worker threads and child processes run what is built. */
export default {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['revenge-source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'es6' }, sourceMaps: 'inline' },
    ],
  },
  testMatch: ['**/src/**/*.test.ts', '**/test/**/*.test.ts', '**/tools/**/*.test.ts', '**/examples/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/template/', '\\.types\\.test\\.ts$'], // types tests are read by tsc
  modulePathIgnorePatterns: ['/dist/', '/template/', '<rootDir>/data/'],
  globalSetup: '<rootDir>/core/test/global-setup.mjs',
  globalTeardown: '<rootDir>/core/test/global-teardown.mjs',
  maxWorkers: '100%', // most tests wait for PostgreSQL or a process: one worker less than cores would leave a core idle
  testTimeout: 30_000,
};
