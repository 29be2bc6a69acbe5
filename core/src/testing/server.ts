import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../bin/revenge.mjs', import.meta.url));

export interface TestServer {
  /** 'http://127.0.0.1:PORT' */
  readonly url: string;
  readonly observability: string;
  readonly data: string;
  readonly process: ChildProcess;
  /** Everything printed so far. */
  output(): string;
  /** Resolves with the first match of what is printed, from the beginning on. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** SIGTERM, and the exit code. */
  stop(): Promise<number | undefined>;
  kill(): Promise<void>;
}

export interface TestServerOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Kept when given; a temporary one is removed at `stop`. */
  readonly data?: string;
  readonly packages?: readonly string[];
  readonly cwd?: string;
  /** Whom it runs as; only root may choose. `data` has to be that user's. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** The real server as `npm start` runs it, in a process of its own, on free ports. Rejects with what it printed when it does not come up. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const data = options.data ?? mkdtempSync(join(tmpdir(), 'revenge-server-'));
  const child = spawn(
    process.execPath,
    [BIN, 'start', '--data', data, '--port', '0', '--host', '127.0.0.1', ...(options.args ?? [])],
    {
      cwd: options.cwd ?? data,
      env: {
        PATH: process.env.PATH ?? '',
        REVENGE__OBSERVABILITY__PORT: '0',
        ...(options.packages && { REVENGE__PACKAGES: options.packages.join(',') }),
        ...options.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...options.user,
    },
  );
  let text = '';
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      for (const look of waiting) look();
    });
  const exited = new Promise<number | undefined>((done) => child.once('close', (code) => done(code ?? undefined)));
  const printed = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((done, reject) => {
      const look = () => {
        const found = pattern.exec(text);
        if (!found) return;
        waiting.delete(look);
        done(found);
      };
      waiting.add(look);
      look();
      void exited.then(() => reject(new Error(`the server ended before it printed ${String(pattern)}:\n${text}`)));
    });
  const clean = () => {
    if (!options.data) rmSync(data, { recursive: true, force: true });
  };
  const url = (await printed(/^ *API +(http:\/\/[^/\s]+)/m))[1]!;
  const observability = (await printed(/^ *Metrics +(http:\/\/[^/\s]+)/m))[1]!;
  await printed(/^Ready/m);
  return {
    url: url.replace('localhost', '127.0.0.1'),
    observability,
    data,
    process: child,
    output: () => text,
    printed,
    stop: async () => {
      child.kill('SIGTERM');
      const code = await exited;
      clean();
      return code;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
