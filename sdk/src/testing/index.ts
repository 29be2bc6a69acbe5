export type { HostOptions, TestHost } from './create-test-host.ts';
