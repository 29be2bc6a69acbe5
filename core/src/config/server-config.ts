import { z } from 'zod';

const list = z.preprocess(
  (value) =>
    typeof value === 'string'
      ? value
          .split(',')
          .map((s) => s.trim())
          .filter(Boolean)
      : value,
  z.array(z.string()),
);
const int = (min: number, max: number) => z.coerce.number().int().min(min).max(max);

/** The file's form; names are the environment's in lower case (`server.port` = REVENGE__SERVER__PORT). */
export const ConfigFile = z.strictObject({
  data: z.string().min(1).default('./data').describe('folder that holds all state'),
  roles: list
    .pipe(z.array(z.enum(['api', 'worker'])).min(1))
    .default(['api', 'worker'])
    .describe('what this node does'),
  secret_key: z
    .string()
    .min(32)
    .optional()
    .describe('key of the secrets at rest; default: made at first run in DATA/secret-key'),
  server: z
    .strictObject({
      host: z.string().default('0.0.0.0').describe('address the API listens on'),
      port: int(0, 65_535).default(8096).describe('port of the API'),
      public_url: z
        .url({ protocol: /^https?$/ })
        .optional()
        .describe('where clients reach it, with its path'),
      trusted_proxies: list.default([]).describe('addresses or CIDR blocks whose X-Forwarded-* are believed'),
      cors_origins: list.default([]).describe('origins a browser may call the API from'),
      drain_seconds: int(0, 600).default(20).describe('seconds open requests get at shutdown'),
    })
    .prefault({}),
  observability: z
    .strictObject({
      host: z.string().default('127.0.0.1').describe('address of /metrics and health'),
      port: int(0, 65_535).default(9096).describe('its port'),
    })
    .prefault({}),
  database: z
    .strictObject({
      url: z
        .url({ protocol: /^postgres(ql)?$/ })
        .optional()
        .describe('PostgreSQL to use; default: the own one in DATA/postgres'),
      pool: int(2, 200).default(10).describe('connections of the shared pool'),
      statement_timeout_ms: int(100, 600_000).default(30_000).describe('longest a statement may run'),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('least severe line written'),
      file: z.string().optional().describe('file the log goes to, - for standard output (DATA/logs/revenge.log)'),
    })
    .prefault({}),
  deadlines: z
    .strictObject({
      setup_ms: int(100, 600_000).default(30_000).describe("milliseconds a plugin's setup may take"),
      start_ms: int(100, 600_000).default(30_000).describe('the same for its start'),
      stop_ms: int(100, 600_000).default(10_000).describe('the same for its stop'),
      drain_ms: int(100, 600_000).default(10_000).describe('milliseconds its open requests get when it is rebuilt'),
    })
    .prefault({}),
  packages: list.default([]).describe('plugin packages to load beside the built-in ones: names or paths'),
  required: list.optional().describe('plugins that readiness waits for; default: those whose package says so'),
  plugins: z.record(z.string(), z.record(z.string(), z.unknown())).default({}).describe('settings of plugins'),
});
export type ConfigFile = z.infer<typeof ConfigFile>;

/** A plugin's setting that the file or the environment holds: it wins over the stored one and is locked in its form. */
export interface GivenSetting {
  /** Lower case, as written after `plugins`: ['auth', 'registration'], ['radarr', 'main', 'api_key']. */
  readonly path: readonly string[];
  readonly value: unknown;
  /** For messages: 'REVENGE__PLUGINS__AUTH__REGISTRATION', 'revenge.config.yaml'. */
  readonly source: string;
}

/** What a node reads once at its start. */
export interface ServerConfig {
  /** Absolute path of the folder that holds all state. */
  readonly data: string;
  readonly roles: readonly ('api' | 'worker')[];
  readonly secretKey: string | undefined;
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
  /** Milliseconds a plugin may take. */
  readonly deadlines: { readonly setup: number; readonly start: number; readonly stop: number; readonly drain: number };
  /** Package names or paths to load beside the workspace's and DATA/plugins. */
  readonly packages: readonly string[];
  /** Plugins that readyz waits for; undefined: those whose package says so. */
  readonly required: readonly string[] | undefined;
  readonly given: readonly GivenSetting[];
}
