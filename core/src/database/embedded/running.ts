import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { PASSWORD_FILE, SUPERUSER } from './init-cluster.ts';
import { readPostmasterFile } from './postmaster-file.ts';
import { isRunning } from './process-info.ts';

/** How to reach the PostgreSQL that a server runs in this data folder now; undefined: none runs. Changes nothing. */
export function runningEmbedded(root: string, major: string): pg.ClientConfig | undefined {
  const data = join(root, 'postgres', major);
  const password = join(data, PASSWORD_FILE);
  if (!existsSync(password)) return undefined;
  const file = readPostmasterFile(data);
  if (!file?.ready || !isRunning(file.pid)) return undefined;
  const host = file.socket ?? '127.0.0.1';
  return {
    host,
    port: file.port,
    user: SUPERUSER,
    password: readFileSync(password, 'utf8').trim(),
    database: 'revenge',
  };
}
