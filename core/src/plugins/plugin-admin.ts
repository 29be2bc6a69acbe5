export type InstanceState =
  | 'blocked'
  | 'migrating'
  | 'starting'
  | 'ready'
  | 'degraded'
  | 'retrying'
  | 'needs-auth'
  | 'failed'
  | 'stopping'
  | 'disabled';

/** One instance as `/api/v1/plugins` shows it. */
export interface InstanceInfo {
  readonly id: string;
  readonly plugin: string;
  readonly instance: string;
  readonly title: string;
  readonly version: string;
  readonly state: InstanceState;
  readonly reason: string | null;
  readonly since: string;
  readonly required: boolean;
  readonly notices: readonly string[];
  readonly permissions: readonly { readonly id: string; readonly text: string }[];
}
/** The form of an instance's config: JSON Schema, present values without secrets, and which fields file, environment or flags hold. */
export interface ConfigForm {
  readonly schema: Readonly<Record<string, unknown>>;
  readonly values: Readonly<Record<string, unknown>>;
  readonly locked: Readonly<Record<string, string>>;
}

/** What the admin routes, the start page and the CLI ask of the plugin host. `id` is 'auth' or 'radarr:uhd'. Unknown ids throw Problem 404. */
export interface PluginAdmin {
  list(): readonly InstanceInfo[];
  configForm(id: string): Promise<ConfigForm>;
  /** Validates (422 with each field), stores, and rebuilds the instance live. A secret that is absent keeps its value. Answers its new state. */
  configure(id: string, values: Readonly<Record<string, unknown>>): Promise<InstanceInfo>;
  /** For plugins of many instances: 409 when it exists, 422 when the name is none ([a-z0-9-]). */
  create(plugin: string, instance: string, values: Readonly<Record<string, unknown>>): Promise<InstanceInfo>;
  remove(id: string): Promise<void>;
  enable(id: string): Promise<InstanceInfo>;
  disable(id: string): Promise<InstanceInfo>;
  restart(id: string): Promise<InstanceInfo>;
  /** OpenAPI 3.1 of everything mounted, core's own routes included. */
  openapi(): Readonly<Record<string, unknown>>;
}
