import type { BoundCounter, BoundHistogram, Family, Metrics } from '../metrics/metrics.ts';
import { Breaker } from './breaker.ts';

/** Hosts that one instance has numbers and breakers of its own for; further ones share 'other' in the metrics. */
const MOST_HOSTS = 200;
const STATES = { closed: 0, 'half-open': 1, open: 2 } as const;

/** What is known of one host, by one instance. */
export class Host {
  readonly breaker: Breaker;
  readonly #counters = new Map<string, BoundCounter>();
  constructor(
    readonly name: string,
    readonly bind: (status: string) => BoundCounter,
    readonly duration: BoundHistogram,
    now: () => number,
  ) {
    this.breaker = new Breaker(now);
  }

  /** `status`: a code, 'timeout', 'error', 'cancelled', or 'refused' by the open breaker. */
  count(status: string): void {
    let counter = this.#counters.get(status);
    if (!counter) this.#counters.set(status, (counter = this.bind(status)));
    counter.inc();
  }
}

/** The hosts of one instance, bounded: beyond the limit a new host replaces the longest unused one that is not failing. */
export class Hosts {
  readonly #hosts = new Map<string, Host>();
  readonly #labels = new Set<string>();
  constructor(
    readonly plugin: string,
    readonly metrics: OutboundMetrics,
    readonly now: () => number,
  ) {}

  at(name: string): Host {
    let host = this.#hosts.get(name);
    if (host) this.#hosts.delete(name);
    else host = this.#made(name);
    this.#hosts.set(name, host); // last in order: used just now
    return host;
  }

  *states(): Iterable<readonly [readonly string[], number]> {
    for (const { name, breaker } of this.#hosts.values()) {
      if (this.#labels.has(name)) yield [[this.plugin, name], STATES[breaker.state]];
    }
  }

  #made(name: string): Host {
    if (this.#hosts.size >= MOST_HOSTS) {
      const idle = [...this.#hosts.values()].find(({ breaker }) => breaker.state === 'closed');
      const gone = idle?.name ?? [...this.#hosts.keys()][0];
      if (gone !== undefined) this.#hosts.delete(gone);
    }
    if (this.#labels.size < MOST_HOSTS) this.#labels.add(name);
    const label = this.#labels.has(name) ? name : 'other';
    const { requests, durations } = this.metrics;
    return new Host(
      name,
      (status) => requests.bind(this.plugin, label, status),
      durations.bind(this.plugin, label),
      this.now,
    );
  }
}

/** The three families of the reference; breaker states are read at the scrape from the instances that live. */
export class OutboundMetrics {
  readonly requests: Family<BoundCounter>;
  readonly durations: Family<BoundHistogram>;
  readonly #open = new Set<Hosts>();

  constructor(metrics: Metrics) {
    this.requests = metrics.counter({
      name: 'revenge_outbound_requests_total',
      help: 'Requests to other servers, by what came back',
      labels: ['plugin', 'host', 'status'],
    });
    this.durations = metrics.histogram({
      name: 'revenge_outbound_request_duration_seconds',
      help: 'Time until another server answered',
      labels: ['plugin', 'host'],
    });
    metrics.collect(
      {
        name: 'revenge_breaker_state',
        help: 'Breaker of a host: 0 closed, 1 half-open, 2 open',
        labels: ['plugin', 'host'],
      },
      () => this.#states(),
    );
  }

  /** Forgotten when `signal` fires. */
  track(hosts: Hosts, signal: AbortSignal): void {
    this.#open.add(hosts);
    signal.addEventListener('abort', () => this.#open.delete(hosts), { once: true });
  }

  // Instances of one plugin may ask one host: the worst of them is shown, as one series may stand once only.
  #states(): Iterable<readonly [readonly string[], number]> {
    const worst = new Map<string, readonly [readonly string[], number]>();
    for (const hosts of this.#open)
      for (const entry of hosts.states()) {
        const key = entry[0].join(' ');
        const known = worst.get(key);
        if (!known || known[1] < entry[1]) worst.set(key, entry);
      }
    return worst.values();
  }
}
