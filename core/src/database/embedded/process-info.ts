import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';

export interface ProcessInfo {
  readonly command: string;
  readonly uid: number;
  readonly zombie: boolean;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Alive and no zombie: where nobody reaps orphans (a container whose first process is Node) those stay for ever. */
export function isRunning(pid: number): boolean {
  return process.platform === 'linux' ? processInfo(pid)?.zombie === false : isAlive(pid);
}

/** What runs under this pid; undefined: nothing does. */
export function processInfo(pid: number): ProcessInfo | undefined {
  if (!isAlive(pid)) return undefined;
  try {
    return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
  } catch (error) {
    if (isAlive(pid)) throw error;
    return undefined;
  }
}

function fromProc(pid: number): ProcessInfo {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return {
    command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim(),
    uid: statSync(`/proc/${pid}`).uid,
    zombie: stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z'),
  };
}

function fromPs(pid: number): ProcessInfo {
  const line = execFileSync('ps', ['-o', 'uid=,stat=,command=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  const [, uid = '', state = '', command = ''] = /^(\d+)\s+(\S+)\s+(.*)$/s.exec(line) ?? [];
  return { command, uid: Number(uid), zombie: state.startsWith('Z') };
}

/** Server processes that still work in this data folder, orphans of a killed postmaster included. Only Linux can tell; elsewhere none. */
export function processesIn(folder: string): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && cwd(name) === folder)
    .map(Number);
}

function cwd(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined; // another user's, or it has just ended
  }
}
