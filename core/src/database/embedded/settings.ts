/** For a small box whose memory is the media server's, not the database's. Durable as PostgreSQL's defaults are. */
export const SETTINGS: Readonly<Record<string, string>> = {
  max_connections: '60',
  shared_buffers: '64MB',
  work_mem: '8MB',
  maintenance_work_mem: '64MB',
  effective_cache_size: '512MB',
  random_page_cost: '1.5',
  jit: 'off',
  // Parallel workers pass rows through /dev/shm, which a container has 64 MB of.
  max_parallel_workers_per_gather: '0',
  io_method: 'sync',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_logical_replication_workers: '0',
  max_wal_size: '512MB',
  autovacuum_max_workers: '2',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  cluster_name: 'revenge',
  logging_collector: 'off',
  log_destination: 'stderr',
  log_line_prefix: '%m [%p] ',
  // A statement's text and a row's values are the users' own business.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
};
