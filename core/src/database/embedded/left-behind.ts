import { readlinkSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { KernelLog } from '../../log/log.ts';
import { markDatabaseError, sqlState } from '../database-error.ts';
import { InstanceLock, LockHeld } from './instance-lock.ts';
import { type PostmasterFile, readPostmasterFile } from './postmaster-file.ts';
import { stopPid } from './postgres-process.ts';
import { isRunning, processesIn, processInfo } from './process-info.ts';

export interface Folder {
  readonly data: string;
  readonly apiPort: number;
  readonly uid: number | undefined;
  readonly log: KernelLog;
  /** How to reach what postmaster.pid tells of. */
  readonly connection: (file: PostmasterFile) => pg.ClientConfig | undefined;
}

/** For what is left of a server to go by itself. Milliseconds. */
const PATIENCE = 5_000;

/**
 * Frees the data folder of what an earlier server left: a PostgreSQL whose server was killed is stopped, never adopted; a pid file that names
 * nothing of ours is removed. Rejects with LockHeld when a living server has it.
 */
export async function clearLeftBehind(folder: Folder): Promise<void> {
  const file = readPostmasterFile(folder.data);
  if (!file) return;
  const lock = await reach(folder, file);
  try {
    await endServer(folder, file, lock !== undefined);
  } finally {
    await lock?.release();
  }
}

/** The lock, if that PostgreSQL answers: then nobody else has it. undefined: it does not answer. */
async function reach(folder: Folder, file: PostmasterFile): Promise<InstanceLock | undefined> {
  const connection = folder.connection(file);
  if (!connection || !isOurs(folder, file.pid)) return undefined;
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    try {
      return await InstanceLock.take(connection, folder.apiPort, () => undefined);
    } catch (error) {
      if (error instanceof LockHeld) throw error;
      // Starting up, shutting down, or repairing itself: it will say more in a moment.
      const moment =
        sqlState(markDatabaseError(error)) === '57P03' && performance.now() < deadline && isRunning(file.pid);
      if (!moment) return undefined;
      await sleep(50);
    }
  }
}

async function endServer({ data, log, uid }: Folder, file: PostmasterFile, answers: boolean): Promise<void> {
  if (isOurs({ data, uid }, file.pid)) {
    log.info('stopping the PostgreSQL that a killed server left behind', { pid: file.pid, answers });
    await stopPid(file.pid);
  }
  // Its sessions may outlive a killed postmaster for a moment; a second one beside them would ruin the data.
  const deadline = performance.now() + PATIENCE;
  while (processesIn(real(data)).length && performance.now() < deadline) await sleep(20);
  const left = processesIn(real(data));
  if (left.length)
    throw new Error(
      `processes of an earlier PostgreSQL still work in ${data} (pid ${left.join(', ')}): end them and start again`,
    );
  const now = readPostmasterFile(data);
  if (now && now.pid === file.pid) removeLockFiles(data, now);
}

/** Whether this pid is a postgres on this very folder, of the user that ours runs as. */
function isOurs({ data, uid }: Pick<Folder, 'data' | 'uid'>, pid: number): boolean {
  const info = pid > 1 ? processInfo(pid) : undefined;
  if (!info || info.zombie) return false;
  if (info.uid !== (uid ?? process.getuid?.() ?? info.uid)) return false;
  return /(^|\/)postgres(\.exe)?\s/.test(`${info.command} `) && works(info.command, data, pid);
}

/** By the folder it works in, where /proc tells; else by its arguments. */
function works(command: string, data: string, pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === real(data);
  } catch {
    return command.includes(` -D ${data} `) || command.endsWith(` -D ${data}`);
  }
}

const real = (path: string): string => realpathSync(path);

function removeLockFiles(data: string, { socket, port }: PostmasterFile): void {
  rmSync(join(data, 'postmaster.pid'), { force: true });
  if (socket) rmSync(join(socket, `.s.PGSQL.${port}.lock`), { force: true });
}
