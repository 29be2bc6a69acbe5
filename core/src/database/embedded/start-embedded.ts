import type pg from 'pg';
import type { KernelLog } from '../../log/log.ts';
import { findBinaries } from './binaries.ts';
import { EmbeddedServer } from './embedded-server.ts';

export interface EmbeddedOptions {
  /** The DATA folder; the cluster lies in DATA/postgres/<major>. */
  readonly data: string;
  readonly log: KernelLog;
  /** Told to a second server that wants the same folder. */
  readonly apiPort: number;
  /** The folder is not ours any more, or its PostgreSQL cannot be kept running: drain and end. */
  readonly onLost: (reason: string) => void;
  /** Over our own settings of PostgreSQL. */
  readonly settings?: Readonly<Record<string, string>>;
}
export interface Embedded {
  readonly connection: pg.ClientConfig;
  /** '18.4' */
  readonly version: string;
  readonly pid: number;
  /** Last of all: nobody may use the connection any more. */
  stop(): Promise<void>;
}

/** The PostgreSQL that comes along: made at the first start, taken over from a killed server, refused while another server has it. */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const server = new EmbeddedServer(options, findBinaries(`${options.data}/postgres`));
  await server.start();
  return server;
}
