import type { Authenticators } from '../access/access-control.ts';
import type { SignedLinks } from '../access/signed-links.ts';
import type { WebhookStore } from '../access/webhook-store.ts';
import type { ServerConfig } from '../config/server-config.ts';
import type { Events } from '../events/events.ts';
import type { Readiness } from '../health/readiness.ts';
import type { JobQueue } from '../jobs/job-queue.ts';
import type { RateLimits } from '../limits/rate-limits.ts';
import type { KernelLog } from '../log/log.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { PluginAdmin } from '../plugins/plugin-admin.ts';

/** What the HTTP layer asks of the rest of the kernel. */
export interface HttpDeps {
  readonly config: ServerConfig;
  readonly log: KernelLog;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  readonly authenticators: Authenticators;
  readonly links: SignedLinks;
  readonly limits: RateLimits;
  readonly webhooks: WebhookStore;
  /** Asked at each request: the host that answers is built after the server it mounts on. */
  readonly plugins: () => PluginAdmin;
  readonly jobs: JobQueue;
  readonly events: Events;
  /** Milliseconds between comments that keep event streams open. Default 15,000. */
  readonly heartbeatMs?: number;
}
