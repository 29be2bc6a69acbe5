import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readSync, renameSync, statSync, truncateSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Binaries } from './binaries.ts';
import { cannotRun, own } from './init-cluster.ts';
import { readPostmasterFile } from './postmaster-file.ts';
import { isRunning } from './process-info.ts';
import { asUser, type ServerUser } from './server-user.ts';

/** Where it listens: a folder for its Unix socket, or a loopback port. */
export type Address = { readonly socket: string } | { readonly port: number };
/** Part of a Unix socket's name; no port is opened. */
export const SOCKET_PORT = 5432;

export interface PostgresStart {
  readonly binaries: Binaries;
  readonly user: ServerUser | undefined;
  readonly data: string;
  readonly address: Address;
  readonly log: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** One that has gone through a crash replays its journal first. Milliseconds. */
const READY_WITHIN = 120_000;
const FAST_STOP_WITHIN = 20_000;
const LOG_BYTES = 5 * 1024 * 1024;

/** A postgres of ours. It runs in a process group of its own, so that a Ctrl-C in the terminal reaches us alone and we stop it last. */
export class PostgresProcess {
  readonly pid: number;
  /** Settles when the process has ended, however. */
  readonly ended: Promise<void>;

  private constructor(pid: number, ended: Promise<void>) {
    this.pid = pid;
    this.ended = ended;
  }

  /** Resolves when it takes connections; rejects with the reason its log gives. */
  static async start(start: PostgresStart): Promise<PostgresProcess> {
    const offset = prepareLog(start.log, start.user);
    const log = openSync(start.log, 'a', 0o600);
    const run = asUser(start.user, start.binaries.postgres, serverArgs(start));
    const child = spawn(run.command, run.args, {
      env: start.binaries.env,
      cwd: '/',
      detached: true,
      stdio: ['ignore', log, log],
      ...run.ids,
    });
    closeSync(log);
    child.unref();
    let failed: Error | undefined;
    const ended = new Promise<void>((resolve) => {
      child.on('exit', () => resolve());
      child.on('error', (error) => {
        failed = error;
        resolve();
      });
    });
    let over = false;
    void ended.then(() => (over = true));
    const deadline = performance.now() + READY_WITHIN;
    for (;;) {
      if (over) throw new StartFailed(failed ? cannotRun(start.binaries.postgres, failed) : reason(start.log, offset));
      const file = readPostmasterFile(start.data);
      if (file?.ready && file.pid === child.pid) return new PostgresProcess(file.pid, ended);
      if (performance.now() > deadline) {
        child.kill('SIGQUIT');
        throw new StartFailed(`it was not ready within ${READY_WITHIN / 1_000} s: ${reason(start.log, offset)}`);
      }
      await sleep(8);
    }
  }

  /** Sessions are ended and everything is written; the next start has nothing to repair. */
  async stop(): Promise<void> {
    await stopPid(this.pid, this.ended);
  }
}

export class StartFailed extends Error {
  override readonly name = 'StartFailed';
}

/** SIGINT is PostgreSQL's fast shutdown; one that does not obey is ended at once and repairs itself at its next start. */
export async function stopPid(pid: number, ended?: Promise<void>): Promise<void> {
  for (const [signal, within] of [
    ['SIGINT', FAST_STOP_WITHIN],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000],
  ] as const) {
    if (!isRunning(pid)) return;
    process.kill(pid, signal);
    if (await gone(pid, within, ended)) return;
  }
  throw new Error(`PostgreSQL (pid ${pid}) does not end`);
}

async function gone(pid: number, within: number, ended?: Promise<void>): Promise<boolean> {
  const over = new AbortController();
  void ended?.then(() => over.abort());
  const deadline = performance.now() + within;
  while (!over.signal.aborted && isRunning(pid)) {
    if (performance.now() > deadline) return false;
    await sleep(8);
  }
  return true;
}

function serverArgs({ data, address, settings }: PostgresStart): string[] {
  const listen =
    'socket' in address
      ? {
          listen_addresses: '',
          unix_socket_directories: address.socket,
          unix_socket_permissions: '0700',
          port: String(SOCKET_PORT),
        }
      : { listen_addresses: '127.0.0.1', unix_socket_directories: '', port: String(address.port) };
  const all = { ...settings, ...listen };
  return ['-D', data, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

/** Keeps the log below a size; answers where this start's lines begin. */
function prepareLog(log: string, user: ServerUser | undefined): number {
  if (!existsSync(log)) closeSync(openSync(log, 'a', 0o600));
  if (statSync(log).size > LOG_BYTES) {
    renameSync(log, `${log}.1`);
    closeSync(openSync(log, 'a', 0o600));
  }
  own(log, user);
  return statSync(log).size;
}

/** For a server that runs for months; it appends, so that it goes on at the new end. */
export function boundLog(log: string): void {
  if (existsSync(log) && statSync(log).size > LOG_BYTES) truncateSync(log);
}

function reason(log: string, offset: number): string {
  const buffer = Buffer.alloc(16_384);
  const file = openSync(log, 'r');
  const lines = buffer
    .toString('utf8', 0, readSync(file, buffer, 0, buffer.length, offset))
    .trim()
    .split('\n');
  closeSync(file);
  const told = lines.filter((line) => /(FATAL|PANIC|HINT|error while loading|cannot )/.test(line));
  return (told.length ? told : lines.slice(-3)).join('\n') || `it ended without a word; see ${log}`;
}
