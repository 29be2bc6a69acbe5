export { createTestHost } from './create-test-host.ts';
export type { HostOptions, TestHost } from './create-test-host.ts';
export { watchLeaks } from './leaks.ts';
export type { LeakWatch } from './leaks.ts';
export type { TestKernel, TestKernelOptions } from './test-kernel.ts';
export { startUpstream } from './upstream.ts';
export type { RecordedCall, RecordedReply, UpstreamServer } from './upstream.ts';
