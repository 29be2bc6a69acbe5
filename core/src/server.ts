import { join } from 'node:path';
import { Container } from 'inversify';
import { Authenticator, type Notice } from '@revenge/sdk';
import { SignedLinks } from './access/signed-links.ts';
import { TokenAccess } from './access/token-access.ts';
import { webhookMigrations } from './access/webhooks.migration.ts';
import { PostgresWebhookStore } from './access/webhook-store.ts';
import { blobMigrations } from './blobs/blobs.migration.ts';
import { PostgresBlobs } from './blobs/postgres-blobs.ts';
import { NodeCaches } from './cache/node-caches.ts';
import { openDataFolder } from './config/data-folder.ts';
import type { ServerConfig } from './config/server-config.ts';
import { databaseProblem } from './database/database-problem.ts';
import { openDatabase } from './database/open-database.ts';
import { poolMeters } from './database/query-meters.ts';
import { KernelError } from './errors.ts';
import { eventMigrations } from './events/events.migration.ts';
import type { Events } from './events/events.ts';
import { PostgresEvents } from './events/postgres-events.ts';
import { HealthState } from './health/health-state.ts';
import { linkOrigin } from './http/request-origin.ts';
import { HttpServer } from './http/server.ts';
import type { JobQueue } from './jobs/job-queue.ts';
import { jobMigrations } from './jobs/jobs.migration.ts';
import { PostgresJobQueue } from './jobs/postgres-job-queue.ts';
import type { InstanceRef } from './lifecycle/attribution.ts';
import { Disposer } from './lifecycle/disposer.ts';
import { systemTime, type TimeSource } from './lifecycle/time-source.ts';
import { PostgresLimits } from './limits/postgres-limiter.ts';
import { limitMigrations } from './limits/limits.migration.ts';
import type { KernelLog } from './log/log.ts';
import { openLog } from './log/pino-log.ts';
import { PromMetrics } from './metrics/prom-metrics.ts';
import { ObservabilityServer } from './observability/observability-server.ts';
import { Outbound } from './outbound/outbound.ts';
import type { Discovered } from './plugins/discover.ts';
import { ExtensionRegistry } from './plugins/extensions.ts';
import { HostAdmin } from './plugins/host-admin.ts';
import { PluginHost } from './plugins/host.ts';
import { instanceMigrations, InstanceStore } from './plugins/instance-store.ts';
import type { InstanceState } from './plugins/plugin-admin.ts';
import { ServiceRegistry } from './plugins/services.ts';
import { openSecretBox, type SecretBox } from './secrets/secret-box.ts';
import { T } from './tokens.ts';

export interface ServerOptions {
  readonly config: ServerConfig;
  readonly found: readonly Discovered[];
  /** What the command line says for fields that contracts marked as flags. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly version: string;
  readonly sdkVersion: string;
  readonly show: (ref: InstanceRef, notice: Notice) => void;
  readonly changed: (id: string, state: InstanceState, reason: string | undefined) => void;
  /** The port answers from here on, with 503 for what is not started yet. */
  readonly listening: (urls: {
    readonly api: string;
    readonly observability: string;
    readonly database: string;
  }) => void;
  /** The process cannot go on (the data folder's lock is lost): drain and end. */
  readonly lost: (reason: string) => void;
  /** A test host's parts in place of the usual ones. */
  readonly replace?: {
    readonly time?: TimeSource;
    readonly fetch?: typeof fetch;
    readonly jobs?: (queue: JobQueue) => JobQueue;
    readonly events?: (events: Events) => Events;
  };
}
export interface RunningServer {
  readonly url: string;
  readonly host: PluginHost;
  readonly kernel: Container;
  stop(): Promise<void>;
}

const MIGRATIONS = [
  instanceMigrations,
  jobMigrations,
  eventMigrations,
  limitMigrations,
  webhookMigrations,
  blobMigrations,
];

/**
 * The composition root: configuration → database → container → host → HTTP. Whatever fails on the way ends what was begun and rejects; `stop`
 * ends all of it in reverse: HTTP, plugins, events, jobs, connections, the own PostgreSQL, the log.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const ends = new Disposer();
  try {
    return await compose(options, ends);
  } catch (error) {
    await ends.dispose();
    throw error;
  }
}

async function compose(options: ServerOptions, ends: Disposer): Promise<RunningServer> {
  const { config, replace = {} } = options;
  openDataFolder(config.data);
  const { log, stop: stopLog } = openLog({ level: config.log.level, file: logFile(config) });
  ends.add(stopLog);
  const kernel = new Container({ defaultScope: 'Singleton' });
  const metrics = new PromMetrics();
  const box = openSecretBox(config.data, config.secretKey);
  const health = new HealthState();
  const opened = await openDatabase({ config, log, metrics, health, migrations: MIGRATIONS, lost: options.lost }, ends);
  const { database, bus } = opened;
  const store = new InstanceStore(database, box);
  await oneSecret(store, box);
  const queue = new PostgresJobQueue({ database, bus, metrics, log, alone: opened.own, connection: opened.connection });
  poolMeters(metrics, () => [opened.pool, queue.pool]);
  const caches = new NodeCaches({ bus, metrics, log });
  ends.add(() => caches.stop());
  const limits = new PostgresLimits(database, log);
  const links = new SignedLinks({
    key: box.key('signed-links'),
    origin: linkOrigin(config.server.publicUrl, () => http.origin),
  });
  const services = new ServiceRegistry();
  const webhooks = new PostgresWebhookStore(database, log);
  const host = new PluginHost(kernel, { ...options, store, mount: (table) => http.mount(table) });
  const events = new PostgresEvents({ database, bus, metrics, log, authenticators: host });
  const admin = new HostAdmin({
    host,
    store,
    bus,
    info: { title: 'Revenge', version: options.version },
    required: config.required,
  });
  const http = new HttpServer({
    config,
    log,
    metrics,
    readiness: { started: () => health.started(), reasons: () => [...health.reasons(), ...admin.unready()] },
    // not through the host and its container: asked at each request
    access: new TokenAccess({ current: () => services.current<Authenticator>(Authenticator.id) }),
    authenticators: host,
    links,
    limits,
    webhooks,
    plugins: () => admin,
    jobs: queue,
    events,
    databaseProblem,
  });
  kernel.bind(T.Config).toConstantValue(config);
  kernel.bind(T.Time).toConstantValue(replace.time ?? systemTime);
  kernel.bind(T.Log).toConstantValue(log);
  kernel.bind(T.Metrics).toConstantValue(metrics);
  kernel.bind(T.Database).toConstantValue(database);
  kernel.bind(T.PluginDatabases).toConstantValue(opened.pluginDatabases);
  kernel.bind(T.Bus).toConstantValue(bus);
  kernel.bind(T.Jobs).toConstantValue(replace.jobs?.(queue) ?? queue);
  kernel.bind(T.Events).toConstantValue(replace.events?.(events) ?? events);
  kernel.bind(T.Caches).toConstantValue(caches);
  kernel.bind(T.Blobs).toConstantValue(new PostgresBlobs(database));
  kernel.bind(T.Limits).toConstantValue(limits);
  kernel
    .bind(T.Outbound)
    .toConstantValue(new Outbound({ metrics, log, ...(replace.fetch && { fetch: replace.fetch }) }));
  kernel.bind(T.Links).toConstantValue(links);
  kernel.bind(T.Services).toConstantValue(services);
  kernel.bind(T.Extensions).toConstantValue(new ExtensionRegistry());
  kernel.bind(T.Readiness).toConstantValue(health);
  kernel.bind(T.PluginAdmin).toConstantValue(admin);
  kernel.bind(T.Authenticators).toConstantValue(host);

  ends.add(limits.start());
  ends.add(webhooks.start());
  const observability = await observe({ config, log, metrics, health, queue }, ends);
  ends.add(() => http.drain()); // for a start that fails below; otherwise it has drained long before
  const { url } = await http.listen();
  options.listening({ api: url, observability, database: opened.name });
  await queue.start();
  ends.add(() => queue.stop());
  await events.start();
  ends.add(() => events.stop());
  ends.add(() => host.stop());
  ends.add(() => http.drain());
  await host.boot();
  health.setStarted();
  return { url, host, kernel, stop: () => ends.dispose() };
}

interface Observed {
  readonly config: ServerConfig;
  readonly log: KernelLog;
  readonly metrics: PromMetrics;
  readonly health: HealthState;
  readonly queue: PostgresJobQueue;
}
/** The second port. Answers its URL. */
async function observe({ config, log, metrics, health, queue }: Observed, ends: Disposer): Promise<string> {
  const server = new ObservabilityServer({ log, metrics, readiness: health, heartbeat: queue.heartbeat });
  const { host } = config.observability;
  const port = await server.start(config.observability);
  ends.add(() => server.stop());
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** '-' is standard output, for containers; by default the lines go to a file, and the terminal gets plain words. */
const logFile = ({ data, log }: ServerConfig): string | undefined =>
  log.file === undefined ? join(data, 'logs', 'revenge.log') : log.file === '-' ? undefined : log.file;

/** All nodes of a database have to have one secret, or what one seals the other cannot open. */
async function oneSecret(store: InstanceStore, box: SecretBox): Promise<void> {
  const mark = box.key('check').toString('base64url');
  if ((await store.settle('secret-key-check', mark)) !== mark)
    throw new KernelError(
      'RV_DATA',
      'The secret key of this data folder is not the one that the database was set up with.',
      "Give every node the same key: put the first one's DATA/secret-key here, or set REVENGE__SECRET_KEY_FILE on all.",
    );
}
