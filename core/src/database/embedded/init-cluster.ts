import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Binaries } from './binaries.ts';
import { isAlive } from './process-info.ts';
import { asUser, type ServerUser } from './server-user.ts';

/** The superuser of an embedded cluster: it is reached over a private socket or loopback with a password of its own. */
export const SUPERUSER = 'revenge';
/** Inside the cluster's folder, so that the two never part. */
export const PASSWORD_FILE = 'revenge-password';

/** Where C.UTF-8 is missing, any UTF-8 ctype serves: lower-casing is the builtin provider's, this is for what asks the C library. */
const CTYPES = ['C.UTF-8', 'C.utf8', 'en_US.UTF-8', 'en_US.utf8', 'en_GB.UTF-8', 'de_DE.UTF-8'];

export interface NewCluster {
  readonly binaries: Binaries;
  readonly user: ServerUser | undefined;
  /** Where it is to be; its parent exists. */
  readonly folder: string;
  /** For tests: survives no power cut. */
  readonly noSync?: boolean;
}

/**
 * Makes a cluster beside its place and moves it there: one that a crash interrupted is never mistaken for a whole one. Two servers may do
 * this at once; one of them finds the other's.
 */
export async function initCluster(cluster: NewCluster): Promise<void> {
  const parent = dirname(cluster.folder);
  removeLeftovers(parent);
  const work = join(parent, `.init-${process.pid}`);
  mkdirSync(work, { mode: 0o700 });
  const passwordFile = join(work, PASSWORD_FILE);
  const data = join(work, 'data');
  writeFileSync(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 });
  for (const path of [work, passwordFile]) own(path, cluster.user);
  try {
    await anyCtype(cluster, data, passwordFile);
    renameSync(passwordFile, join(data, PASSWORD_FILE));
    chmodSync(data, 0o700);
    renameSync(data, cluster.folder);
  } catch (error) {
    if (!existsSync(join(cluster.folder, 'PG_VERSION'))) throw error;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function anyCtype(cluster: NewCluster, data: string, passwordFile: string): Promise<void> {
  for (const [i, ctype] of CTYPES.entries()) {
    const failure = await initdb(cluster, data, passwordFile, ctype);
    if (failure === undefined) return;
    rmSync(data, { recursive: true, force: true });
    if (!/locale/i.test(failure) || i === CTYPES.length - 1)
      throw new Error(`PostgreSQL could not create its data folder ${cluster.folder}: ${failure}`);
  }
}

/** Answers why it failed. */
function initdb({ binaries, user, noSync }: NewCluster, data: string, passwordFile: string, ctype: string) {
  return new Promise<string | undefined>((resolve) => {
    const args = [
      `--pgdata=${data}`,
      `--username=${SUPERUSER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      `--lc-ctype=${ctype}`,
      '--no-instructions',
      ...(noSync ? ['--no-sync'] : []),
    ];
    const run = asUser(user, binaries.initdb, args);
    const child = spawn(run.command, run.args, {
      env: binaries.env,
      cwd: '/',
      stdio: ['ignore', 'ignore', 'pipe'],
      ...run.ids,
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4_000)));
    child.on('error', (error) => resolve(cannotRun(binaries.initdb, error)));
    child.on('close', (code, signal) =>
      resolve(code === 0 ? undefined : said.trim() || `initdb ended with ${signal ?? code}`),
    );
  });
}

/** ENOENT on a file that is there means its loader is missing. */
export function cannotRun(binary: string, error: Error): string {
  const missing = (error as NodeJS.ErrnoException).code === 'ENOENT' && existsSync(binary);
  return missing
    ? `${binary} cannot run on this system: it is built for glibc (Alpine has musl). Set DATABASE_URL to a PostgreSQL of your own`
    : error.message;
}

/** Of starts that were killed; not of another server that is at it just now. */
function removeLeftovers(parent: string): void {
  for (const name of readdirSync(parent)) {
    const pid = Number(/^\.init-(\d+)$/.exec(name)?.[1]);
    const over = pid === process.pid || (pid > 0 && !isAlive(pid));
    // An initdb that outlived its server writes on until it misses its folder.
    if (over) rmSync(join(parent, name), { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}

export function own(path: string, user: ServerUser | undefined): void {
  if (user) chownSync(path, user.uid, user.gid);
}
