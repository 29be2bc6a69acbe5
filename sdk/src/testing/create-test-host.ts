import type { ContractDef } from '../contract/contract.ts';
import type { ConfigSchema } from '../contract/check.ts';
import type { Awaitable, Duration, In, Part, Str } from '../contract/schema.ts';
import type { EventToken, TypeOf } from '../contract/token.ts';
import type { Call, CallArgs, Optionally } from '../derive/client.ts';
import type { AboutOf } from '../plugin/extensions.ts';
import type { Delivery, JobArgs, JobInput } from '../plugin/job-run.ts';
import type { Parts, Plugin } from '../plugin/lifecycle.ts';
import type { User } from '../plugin/request.ts';
import { testKernel } from './test-kernel.ts';

type Needed<C, Kind> = {
  [K in keyof Part<C, 'needs'>]: Part<C, 'needs'>[K] extends { readonly kind: Kind } ? K : never;
}[keyof Part<C, 'needs'>];
/** Stands in for the services a contract needs; an optional one that is left out is away. */
export type Fakes<C> = {
  readonly [K in Needed<C, 'service'>]: Partial<TypeOf<Part<C, 'needs'>[K]>>;
} & { readonly [K in Needed<C, 'optional'>]?: Partial<NonNullable<TypeOf<Part<C, 'needs'>[K]>>> };
/** One extension point a contract hosts. */
export type Point<C, K extends keyof Part<C, 'hosts'>> = Part<C, 'hosts'>[K];
/** What a test may set of its plugin's surroundings; what the contract requires is required here. */
export type HostOptions<C> = {
  readonly as?: Partial<User>;
  /** Host name → what answers ctx.http there: the address of a small real server, or a handler over recorded replies. */
  readonly upstreams?: Readonly<Record<string, string | ((request: Request) => Awaitable<Response>)>>;
  /** Contributors to the points it hosts. */
  readonly extensions?: {
    readonly [K in keyof Part<C, 'hosts'>]?: readonly {
      readonly instance: string;
      readonly about?: AboutOf<Point<C, K>>;
      readonly call: Partial<TypeOf<Point<C, K>>>;
    }[];
  };
  /** Where ctx.clock starts; it then moves by host.clock alone. */
  readonly now?: Date;
} & Optionally<'config', C extends { readonly config: unknown } ? In<ConfigSchema<C>> : {}> &
  Optionally<'services', Fakes<C>>;
/** One event the plugin emitted, typed by its name. */
export type Emitted<C> = {
  readonly [K in keyof Part<C, 'emits'>]: {
    readonly name: K;
    // oxlint-disable-next-line typescript/no-explicit-any -- matches any type here; the other is inferred
    readonly payload: Part<C, 'emits'>[K] extends EventToken<any, infer O> ? O : never;
  };
}[keyof Part<C, 'emits'>];
/** A running instance of the plugin, on a real PostgreSQL and a real socket. */
export interface TestHost<C> {
  readonly request: Call<C, { readonly as?: Partial<User> | null }>;
  runJob<K extends Str<keyof Part<C, 'jobs'>>>(name: K, ...input: JobArgs<JobInput<Part<C, 'jobs'>[K]>>): Promise<void>;
  emit<K extends Str<keyof Part<C, 'listens'>>>(
    name: K,
    // oxlint-disable-next-line typescript/no-explicit-any -- matches any type here; the other is inferred
    payload: Part<C, 'listens'>[K] extends EventToken<infer I, any> ? I : never,
    delivery?: Partial<Delivery>,
  ): Promise<void>;
  /** What it provides and contributes, as another plugin would call it. */
  readonly provides: Parts<C>['provides'];
  readonly contributes: Parts<C>['contributes'];
  readonly clock: { advance(time: Duration): Promise<void> };
  /** Runs what waits (jobs, outbox) until nothing is due. */
  settle(): Promise<void>;
  /** What the plugin did, in order and typed. */
  readonly enqueued: readonly {
    readonly [K in keyof Part<C, 'jobs'>]: { readonly name: K; readonly input: JobInput<Part<C, 'jobs'>[K]> };
  }[keyof Part<C, 'jobs'>][];
  readonly emitted: readonly Emitted<C>[];
  metrics(): Promise<Readonly<Record<string, number>>>;
  readonly state: 'ready' | 'degraded' | 'retrying' | 'needs-auth' | 'failed';
  readonly reason: string | undefined;
  stop(): Promise<void>;
}

/**
 * Starts the plugin on the real kernel, with a database of its own, and waits until it is ready or has failed (see `state` and `reason`).
 * Needs `@revenge/core` installed beside the SDK. `await host.stop()` ends all of it.
 */
export async function createTestHost<const C extends ContractDef>(
  plugin: Plugin<C>,
  ...options: CallArgs<HostOptions<C>, {}>
): Promise<TestHost<C>> {
  const kernel = await testKernel();
  return kernel.startTestKernel(plugin, options[0] ?? {});
}
