import { Container, type ServiceIdentifier } from 'inversify';
import type { Blobs, ContractDef, Http, Limiter, PluginCache } from '@revenge/sdk';
import type { Caches } from '../cache/caches.ts';
import type { ServerConfig } from '../config/server-config.ts';
import type { Bus } from '../database/bus.ts';
import type { PluginDatabase } from '../database/database.ts';
import type { Events } from '../events/events.ts';
import type { JobQueue } from '../jobs/job-queue.ts';
import { type InstanceRef, instanceKey } from '../lifecycle/attribution.ts';
import type { KernelLog } from '../log/log.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { T } from '../tokens.ts';
import type { InstanceParts, LinkMaker } from './context.ts';
import { instancePaths } from './paths.ts';
import { titleOf } from './plan.ts';

/** Gives each instance its own part of something the whole server has. */
export interface Opener<Part> {
  open(ref: InstanceRef): Part;
}
export interface HttpOpener {
  open(
    ref: InstanceRef,
    hooks: {
      readonly signal: AbortSignal;
      readonly limiter: Limiter;
      degraded(host: string, reason: string): void;
      recovered(host: string): void;
    },
  ): Http;
}
export interface InstanceHooks {
  readonly ref: InstanceRef;
  readonly contract: ContractDef;
  readonly log: KernelLog;
  readonly db: PluginDatabase | undefined;
  readonly fresh: boolean;
  /** Aborted when the instance leaves for good. */
  readonly signal: AbortSignal;
  degraded(host: string, reason: string): void;
  recovered(host: string): void;
}

const token = <V>(name: string): ServiceIdentifier<V> => Symbol.for(`revenge.instance.${name}`) as ServiceIdentifier<V>;
const I = {
  Cache: token<PluginCache & { close(): void }>('cache'),
  Limiter: token<Limiter>('limiter'),
  Blobs: token<Blobs>('blobs'),
  Http: token<Http>('http'),
  Metrics: token<{ readonly handles: Readonly<Record<string, unknown>>; end(): void }>('metrics'),
} as const;

/** A child of the kernel's container that holds the parts of one instance; `end` frees what they keep. */
export function instanceContainer(
  kernel: Container,
  hooks: InstanceHooks,
): { readonly parts: InstanceParts; end(): void } {
  const { ref, contract } = hooks;
  const child = new Container({ parent: kernel, defaultScope: 'Singleton' });
  child.bind(I.Cache).toResolvedValue((caches: Caches) => caches.open(ref), [T.Caches]);
  child.bind(I.Limiter).toResolvedValue((limits: Opener<Limiter>) => limits.open(ref), [T.Limits]);
  child.bind(I.Blobs).toResolvedValue((blobs: Opener<Blobs>) => blobs.open(ref), [T.Blobs]);
  child.bind(I.Metrics).toResolvedValue((metrics: Metrics) => metrics.forInstance(contract, ref), [T.Metrics]);
  child
    .bind(I.Http)
    .toResolvedValue(
      (outbound: HttpOpener, limiter: Limiter) => outbound.open(ref, { ...hooks, limiter }),
      [T.Outbound, I.Limiter],
    );
  const { data } = child.get<ServerConfig>(T.Config);
  const bus = child.get<Bus>(T.Bus);
  const title = titleOf(contract.title);
  return {
    parts: {
      ref,
      contract,
      title: ref.instance === 'main' ? title : `${title} (${instanceKey(ref)})`,
      log: hooks.log,
      db: hooks.db,
      cache: child.get(I.Cache),
      limiter: child.get(I.Limiter),
      blobs: child.get(I.Blobs),
      http: child.get(I.Http),
      metrics: child.get(I.Metrics).handles,
      paths: instancePaths(data, ref, hooks.fresh),
      jobs: child.get<JobQueue>(T.Jobs),
      events: child.get<Events>(T.Events),
      services: child.get(T.Services),
      extensions: child.get(T.Extensions),
      links: child.get<LinkMaker>(T.Links),
      time: child.get(T.Time),
      bus,
    },
    end: () => {
      child.get(I.Cache).close();
      child.get(I.Metrics).end();
    },
  };
}
