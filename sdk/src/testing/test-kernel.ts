import type { Awaitable } from '../contract/schema.ts';
import type { Plugin } from '../plugin/lifecycle.ts';
import type { User } from '../plugin/request.ts';
import type { TestHost } from './create-test-host.ts';

/** What createTestHost was given, as the kernel reads it; `HostOptions` says the same in the plugin's own types. */
export interface TestKernelOptions {
  /** Who `request` is when a call does not say. Default: an administrator. */
  readonly as?: Partial<User>;
  readonly config?: unknown;
  /** Need → methods that answer for that service; others reject with an error that names the method. */
  readonly services?: Readonly<Record<string, object>>;
  readonly upstreams?: Readonly<Record<string, string | ((request: Request) => Awaitable<Response>)>>;
  readonly extensions?: Readonly<
    Record<
      string,
      readonly { readonly instance: string; readonly about?: unknown; readonly call: object }[] | undefined
    >
  >;
  readonly now?: Date;
}

/** The port that '@revenge/core/testing' fulfils: the SDK imports nothing of ours, so the real kernel comes in by name at run time. */
export interface TestKernel {
  // oxlint-disable-next-line typescript/no-explicit-any -- the host is typed by the contract, which only createTestHost knows
  startTestKernel(plugin: Plugin, options: TestKernelOptions): Promise<TestHost<any>>;
}

const KERNEL: string = '@revenge/core/testing';

/** Loads the kernel; says how to install it where it is not. */
export async function testKernel(): Promise<TestKernel> {
  try {
    const kernel: TestKernel = await import(KERNEL);
    return kernel;
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
    throw new Error(
      `createTestHost runs on the real kernel, and ${KERNEL} is not installed: npm install --save-dev @revenge/core`,
      { cause },
    );
  }
}

/** Only the kernel's own absence: a module that *it* misses is a fault to be shown as it is. */
const isMissing = (error: unknown): boolean =>
  error instanceof Error &&
  /ERR_MODULE_NOT_FOUND|MODULE_NOT_FOUND|ERR_PACKAGE_PATH_NOT_EXPORTED/.test(
    String((error as { code?: unknown }).code),
  ) &&
  error.message.includes('@revenge/core');
