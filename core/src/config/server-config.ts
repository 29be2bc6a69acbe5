/** What a node reads once at its start: frozen, every value with where it came from (`revenge doctor` prints it). */
export interface ServerConfig {
  /** Absolute path of the folder that holds all state. */
  readonly data: string;
  readonly roles: readonly ('api' | 'worker')[];
  readonly server: {
    readonly host: string;
    readonly port: number;
    /** 'https://media.example/revenge': where clients reach it; undefined: told from each request's Host. */
    readonly publicUrl: string | undefined;
    /** CIDR blocks or addresses whose X-Forwarded-* are believed. */
    readonly trustedProxies: readonly string[];
    readonly corsOrigins: readonly string[];
    /** Seconds that a drain may take before open connections are cut. */
    readonly drainSeconds: number;
  };
  readonly observability: { readonly host: string; readonly port: number };
  readonly database: {
    /** undefined: the embedded one. */
    readonly url: string | undefined;
    /** Connections of the shared pool. */
    readonly pool: number;
    readonly statementTimeoutMs: number;
  };
  readonly log: { readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly file: string | undefined };
  /** Package names or paths to load beside the workspace's and DATA/plugins. */
  readonly packages: readonly string[];
  /** Plugins that readyz waits for; undefined: those whose package says so. */
  readonly required: readonly string[] | undefined;
  /** plugin → instance → fields given by file, environment or flags; they win over the stored config and are locked in its form. */
  readonly plugins: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
}
