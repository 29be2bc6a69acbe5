import type { BoundCounter, BoundGauge, BoundHistogram, Family, Metrics } from '../metrics/metrics.ts';

const BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** The families of the HTTP layer. */
export class HttpMeters {
  readonly requests: Family<BoundCounter>;
  readonly duration: Family<BoundHistogram>;
  readonly bytes: Family<BoundCounter>;
  readonly limits: Family<BoundCounter>;
  readonly inFlight: BoundGauge;

  constructor(metrics: Metrics) {
    const upTo = 20_000;
    this.requests = metrics.counter({
      name: 'revenge_http_requests_total',
      help: 'Requests answered, by plugin, method, route pattern and status.',
      labels: ['plugin', 'method', 'path', 'status'],
      upTo,
    });
    this.duration = metrics.histogram({
      name: 'revenge_http_request_duration_seconds',
      help: 'Seconds from the request line to the last byte of the answer.',
      labels: ['plugin', 'method', 'path'],
      buckets: BUCKETS,
      upTo,
    });
    this.bytes = metrics.counter({
      name: 'revenge_http_response_bytes_total',
      help: 'Bytes of answers sent.',
      labels: ['plugin', 'path'],
      upTo,
    });
    this.limits = metrics.counter({
      name: 'revenge_ratelimit_hits_total',
      help: 'Requests that a rate limit counted, and those it refused.',
      labels: ['limiter', 'action'],
    });
    this.inFlight = metrics
      .gauge({ name: 'revenge_http_requests_in_flight', help: 'Requests not yet answered.' })
      .bind();
  }
}

/** The handles of one route and method, bound once; a status is bound when it is first answered. */
export class RouteMeters {
  readonly #statuses: (BoundCounter | undefined)[] = [];
  readonly #duration: BoundHistogram;
  readonly #bytes: BoundCounter;
  /** What each log line of this route begins with, and whose it is: members of JSON. */
  readonly line: string;
  readonly owner: string;

  constructor(
    readonly meters: HttpMeters,
    readonly plugin: string,
    readonly method: string,
    readonly path: string,
  ) {
    this.#duration = meters.duration.bind(plugin, method, path);
    this.#bytes = meters.bytes.bind(plugin, path);
    this.line = `"method":${JSON.stringify(method)},"route":${JSON.stringify(path)}`;
    this.owner = `"plugin":${JSON.stringify(plugin)}`;
  }

  count(status: number, seconds: number, bytes: number): void {
    const counter = (this.#statuses[status - 100] ??= this.meters.requests.bind(
      this.plugin,
      this.method,
      this.path,
      String(status),
    ));
    counter.inc();
    this.#duration.observe(seconds);
    if (bytes > 0) this.#bytes.inc(bytes);
  }
}
