import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';

const SCRIPT = fileURLToPath(new URL('./embedded-child.mts', import.meta.url));

/** Killed processes lose nothing that was written; only a power cut would, and no test makes one. */
export const QUICK = { fsync: 'off', full_page_writes: 'off' };

export interface Ready {
  readonly ready: number;
  readonly node: number;
  readonly uid: number;
  readonly version: string;
  readonly rows: readonly unknown[];
}
export interface Child {
  readonly process: ChildProcess;
  /** Its first line of that kind; rejects with what it printed when it ends without one. */
  ready(): Promise<Ready>;
  error(): Promise<string>;
  logged(pattern: RegExp): Promise<void>;
  kill(signal: NodeJS.Signals): Promise<void>;
}

export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'revenge-embedded-'));
export const removeFolder = (folder: string): void => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });

/** embedded-child.mts in a process of its own, without any locale set. */
export function child(data: string, statements: string[] = [], as: { uid?: number; gid?: number } = {}): Child {
  const node = spawn(
    process.execPath,
    ['--import', 'tsx', '--conditions=revenge-source', SCRIPT, data, ...statements],
    {
      env: { PATH: process.env['PATH'], TMPDIR: as.uid === undefined ? tmpdir() : data },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...as,
    },
  );
  const lines: Record<string, unknown>[] = [];
  let text = '';
  let rest = '';
  node.stderr.setEncoding('utf8').on('data', (part: string) => (text += part));
  node.stdout.setEncoding('utf8').on('data', (part: string) => {
    const parts = (rest + part).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) lines.push(JSON.parse(line) as Record<string, unknown>);
  });
  let closed = false;
  const ended = new Promise<void>((resolve) => node.once('close', () => resolve()));
  void ended.then(() => (closed = true));
  const line = async (matches: (line: Record<string, unknown>) => boolean) => {
    const deadline = performance.now() + 20_000;
    for (;;) {
      const found = lines.find(matches);
      if (found) return found;
      if (closed || performance.now() > deadline) throw new Error(`not told: ${JSON.stringify(lines)} ${text}`);
      await sleep(10);
    }
  };
  return {
    process: node,
    ready: async () => (await line((each) => 'ready' in each)) as unknown as Ready, // what the script prints
    error: async () => String((await line((each) => 'error' in each))['error']),
    logged: async (pattern) => void (await line((each) => pattern.test(String(each['log'])))),
    kill: async (signal) => {
      node.kill(signal);
      await ended;
    },
  };
}
