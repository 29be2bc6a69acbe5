import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What postgres writes about itself into its data folder. */
export interface PostmasterFile {
  readonly pid: number;
  readonly port: number;
  /** Folder of its Unix socket; undefined: it has none. */
  readonly socket: string | undefined;
  readonly host: string | undefined;
  readonly ready: boolean;
}

export function readPostmasterFile(data: string): PostmasterFile | undefined {
  let text: string;
  try {
    text = readFileSync(join(data, 'postmaster.pid'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const [pid = '', , , port = '', socket = '', host = '', , state = ''] = text.split('\n').map((line) => line.trim());
  return {
    pid: Number(pid),
    port: Number(port),
    socket: socket || undefined,
    host: host || undefined,
    ready: state === 'ready',
  };
}
