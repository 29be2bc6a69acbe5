import type { ServiceIdentifier } from 'inversify';
import type { Blobs, Limiter } from '@revenge/sdk';
import type { Authenticators } from './access/access-control.ts';
import type { Caches } from './cache/caches.ts';
import type { ServerConfig } from './config/server-config.ts';
import type { Bus } from './database/bus.ts';
import type { CoreDatabase, PluginDatabases } from './database/database.ts';
import type { Events } from './events/events.ts';
import type { JobQueue } from './jobs/job-queue.ts';
import type { Disposer } from './lifecycle/disposer.ts';
import type { TimeSource } from './lifecycle/time-source.ts';
import type { KernelLog } from './log/log.ts';
import type { Readiness } from './health/readiness.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { LinkMaker } from './plugins/context.ts';
import type { ExtensionRegistry } from './plugins/extensions.ts';
import type { HttpOpener, Opener } from './plugins/instance-container.ts';
import type { PluginAdmin } from './plugins/plugin-admin.ts';
import type { ServiceRegistry } from './plugins/services.ts';

const token = <T>(name: string): ServiceIdentifier<T> => Symbol.for(`revenge.${name}`) as ServiceIdentifier<T>;

/** Every injection token of the kernel. */
export const T = {
  Config: token<ServerConfig>('config'),
  Time: token<TimeSource>('time'),
  Log: token<KernelLog>('log'),
  Disposer: token<Disposer>('disposer'),
  Metrics: token<Metrics>('metrics'),
  Database: token<CoreDatabase>('database'),
  PluginDatabases: token<PluginDatabases>('plugin-databases'),
  Bus: token<Bus>('bus'),
  Jobs: token<JobQueue>('jobs'),
  Events: token<Events>('events'),
  Caches: token<Caches>('caches'),
  Readiness: token<Readiness>('readiness'),
  PluginAdmin: token<PluginAdmin>('plugin-admin'),
  Blobs: token<Opener<Blobs>>('blobs'),
  Limits: token<Opener<Limiter>>('limits'),
  Outbound: token<HttpOpener>('outbound'),
  Links: token<LinkMaker>('links'),
  Services: token<ServiceRegistry>('services'),
  Extensions: token<ExtensionRegistry>('extensions'),
  Authenticators: token<Authenticators>('authenticators'),
} as const;
