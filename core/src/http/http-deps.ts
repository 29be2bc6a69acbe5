import type { Problem } from '@revenge/sdk';
import type { AccessControl, Authenticators, RateLimits, Tickets, WebhookStore } from '../access/access-control.ts';
import type { ServerConfig } from '../config/server-config.ts';
import type { Events } from '../events/events.ts';
import type { Readiness } from '../health/readiness.ts';
import type { JobQueue } from '../jobs/job-queue.ts';
import type { KernelLog } from '../log/log.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { PluginAdmin } from '../plugins/plugin-admin.ts';

/** What the HTTP layer asks of the rest of the kernel. */
export interface HttpDeps {
  readonly config: ServerConfig;
  readonly log: KernelLog;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  readonly access: AccessControl;
  readonly authenticators: Authenticators;
  readonly links: Tickets;
  readonly limits: RateLimits;
  readonly webhooks: WebhookStore;
  /** Asked at each request: the host that answers is built after the server it mounts on. */
  readonly plugins: () => PluginAdmin;
  readonly jobs: JobQueue;
  readonly events: Events;
  /** What a failed database call answers; undefined: it was none, or the statement's own fault. */
  readonly databaseProblem: (error: unknown) => Problem | undefined;
  /** Milliseconds between comments that keep event streams open. Default 15,000. */
  readonly heartbeatMs?: number;
}
