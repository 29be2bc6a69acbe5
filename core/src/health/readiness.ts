/** What /healthz, /readyz, /startupz and the observability port ask. Answered from memory: a check never waits for the database. */
export interface Readiness {
  /** Every plugin of the plan was tried once. */
  started(): boolean;
  /** Why this node should get no traffic; empty: ready. E.g. 'database: connection refused', 'plugin library: retrying, …'. */
  reasons(): readonly string[];
}
