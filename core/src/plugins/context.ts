import {
  type Blobs,
  type Context,
  type ContractDef,
  type EventToken,
  type ExtensionPoint,
  type Http,
  type JobDef,
  type Limiter,
  type Notice,
  type Paths,
  type PluginCache,
  type Service,
  type Sql,
  type OptionalService,
} from '@revenge/sdk';
import type { SignedLinks } from '../access/signed-links.ts';
import type { Bus } from '../database/bus.ts';
import type { PluginDatabase, Tx } from '../database/database.ts';
import type { Events } from '../events/events.ts';
import type { JobQueue } from '../jobs/job-queue.ts';
import type { InstanceRef } from '../lifecycle/attribution.ts';
import { runAs } from '../lifecycle/attribution.ts';
import type { TimeSource } from '../lifecycle/time-source.ts';
import type { KernelLog } from '../log/log.ts';
import { instanceClock } from './clock.ts';
import type { ExtensionRegistry } from './extensions.ts';
import type { ServiceRegistry } from './services.ts';

/** What ctx.url is made of. */
export type LinkMaker = Pick<SignedLinks, 'url'>;
/** What the kernel holds for one instance; its child container makes it. */
export interface InstanceParts {
  readonly ref: InstanceRef;
  readonly contract: ContractDef;
  readonly title: string;
  readonly log: KernelLog;
  readonly cache: PluginCache;
  readonly limiter: Limiter;
  readonly blobs: Blobs;
  readonly paths: Paths;
  readonly http: Http;
  readonly metrics: Readonly<Record<string, unknown>>;
  readonly db: PluginDatabase | undefined;
  readonly jobs: JobQueue;
  readonly events: Events;
  readonly services: ServiceRegistry;
  readonly extensions: ExtensionRegistry;
  readonly links: LinkMaker;
  readonly time: TimeSource;
  readonly bus: Pick<Bus, 'connected' | 'epoch'>;
}
/** What one generation adds: its config, its end, and where its faults go. */
export interface GenerationScope {
  readonly config: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
  readonly onStop: (end: () => void | Promise<void>) => void;
  readonly fault: (error: unknown, where: string) => void;
  readonly status: {
    degraded(what: string, reason: string): void;
    recovered(what: string): void;
    notice(what: string, notice: Notice | undefined): void;
    say(text: string): void;
  };
}
type AnyContext = Context<ContractDef>;

/** ctx as a plugin's setup gets it. Types were checked against the contract where the plugin was written; here it is put together by name. */
export function buildContext(parts: InstanceParts, scope: GenerationScope): AnyContext {
  const { contract, ref } = parts;
  const context = {
    instance: { id: ref.instance, title: parts.title },
    config: scope.config,
    services: services(parts),
    extensions: points(parts, scope),
    metrics: parts.metrics,
    jobs: jobHandles(parts),
    events: emitters(parts),
    get db() {
      if (parts.db) return pluginDb(parts, parts.db);
      throw new Error(`${contract.id}: declare database in contract.ts to use ctx.db`);
    },
    blobs: parts.blobs,
    clock: instanceClock(parts.time, scope),
    paths: parts.paths,
    limiter: parts.limiter,
    cluster: {
      get connected() {
        return parts.bus.connected;
      },
      get epoch() {
        return parts.bus.epoch;
      },
    },
    url: (key: string, init: object = {}) => parts.links.url(ref, contract, key, init),
    onStop: scope.onStop,
    log: parts.log,
    http: parts.http,
    cache: parts.cache,
    status: scope.status,
    signal: scope.signal,
    implement: <T>(implementation: T): T => implementation,
  };
  return context as unknown as AnyContext;
}

const each = <V, R>(
  of: Readonly<Record<string, V>> | undefined,
  make: (value: V, name: string) => R,
): Record<string, R> => Object.fromEntries(Object.entries(of ?? {}).map(([name, value]) => [name, make(value, name)]));

/** Optional services are read at use: undefined while their provider is down. */
function services({ contract, services: registry }: InstanceParts): object {
  const all = {};
  for (const [name, need] of Object.entries(contract.needs ?? {}) as [
    string,
    Service<unknown> | OptionalService<unknown>,
  ][]) {
    const handle = registry.handle(need.id);
    Object.defineProperty(all, name, {
      enumerable: true,
      get: () => (need.kind === 'optional' && !registry.has(need.id) ? undefined : handle),
    });
  }
  return all;
}

function points({ contract, ref, extensions }: InstanceParts, scope: GenerationScope): object {
  return each(contract.hosts as Record<string, ExtensionPoint<unknown, unknown>> | undefined, (point) =>
    extensions.point(point.id, (f) => {
      const run = () => {
        try {
          runAs(ref, f);
        } catch (error) {
          scope.fault(error, 'onChange');
        }
      };
      scope.onStop(extensions.onChange(run));
    }),
  );
}

function jobHandles(parts: InstanceParts): object {
  const { contract, jobs, ref } = parts;
  return each(contract.jobs as Record<string, JobDef> | undefined, (def, name) => ({
    enqueue: (input: unknown, when?: object) => jobs.enqueue(ref, name, def, input ?? {}, when),
    get: (id: string) => jobs.get(id, ref),
    cancel: (id: string) => jobs.cancel(id, ref),
  }));
}
const queuesIn = ({ contract, jobs, ref }: InstanceParts, tx: Tx): object =>
  each(contract.jobs as Record<string, JobDef> | undefined, (def, name) => ({
    enqueue: (input: unknown, when?: object) => jobs.enqueue(ref, name, def, input ?? {}, when, tx),
  }));

const emitters = ({ contract, events, ref }: InstanceParts, tx?: Tx): object =>
  each(contract.emits as Record<string, EventToken<unknown, unknown>> | undefined, (token) => ({
    emit: (payload: unknown) => events.emit(ref, token, payload, tx),
  }));

function pluginDb(parts: InstanceParts, db: PluginDatabase): object {
  const sql: Sql = { sql: db.sql.bind(db), query: db.query.bind(db), repository: db.repository.bind(db) };
  return {
    ...sql,
    transaction: <T>(work: (tx: object) => Promise<T>) =>
      db.transaction((tx, core) =>
        work({
          sql: tx.sql.bind(tx),
          query: tx.query.bind(tx),
          repository: tx.repository.bind(tx),
          events: emitters(parts, core),
          jobs: queuesIn(parts, core),
        }),
      ),
  };
}
