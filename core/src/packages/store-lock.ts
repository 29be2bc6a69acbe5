import { randomUUID } from 'node:crypto';
import { link, open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { KernelError } from '../errors.ts';

/** How often the holder says that it lives, and how long its silence makes the lock stale. Milliseconds. */
const BEAT = 2_000;
const STALE = 15_000;
const LONGEST_WAIT = 120_000;

/** Runs `work` while no other process does, by a lock file that is taken over when its holder is gone. */
export async function locked<T>(file: string, work: () => Promise<T>): Promise<T> {
  const mine = JSON.stringify({ pid: process.pid, host: hostname(), id: randomUUID() });
  await take(file, mine);
  const beat = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch(() => undefined); // gone: the end below finds out
  }, BEAT);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    if ((await content(file)) === mine) await rm(file, { force: true });
  }
}

async function take(file: string, mine: string): Promise<void> {
  const until = Date.now() + LONGEST_WAIT;
  for (;;) {
    if (await created(file, mine)) return;
    const held = await content(file);
    if (held !== undefined && (await isStale(file, held))) await removeStale(file, held);
    else if (Date.now() > until)
      throw new KernelError(
        'RV_LOCKED',
        `another 'revenge plugin' command works on the plugins (${held ?? 'unknown'})`,
        `Wait for it to end, or end it; if there is none, delete ${file}.`,
      );
    else await sleep(100);
  }
}

async function created(file: string, mine: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o600);
    await handle.writeFile(mine);
    await handle.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function content(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function isStale(file: string, held: string): Promise<boolean> {
  const age = Date.now() - ((await stat(file).catch(() => undefined))?.mtimeMs ?? Date.now());
  if (age > STALE) return true;
  const [, pid] = /"pid":(\d+)/.exec(held) ?? [];
  // A process of another container may share the folder, not the numbers of processes.
  if (pid === undefined || !held.includes(JSON.stringify(hostname()))) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** Moved away first and read again: whoever took it over in between gets it back. */
async function removeStale(file: string, held: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if ((await content(aside)) !== held) await link(aside, file).catch(() => undefined); // somebody holds it already
  await rm(aside, { force: true });
}
