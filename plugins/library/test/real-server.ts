import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../../core/bin/revenge.mjs', import.meta.url));

/** The whole server, as built, in a process of its own that can be killed. */
export class RealServer {
  readonly #process: ChildProcess;
  readonly #exited: Promise<void>;
  #text = '';
  #url = '';

  private constructor(data: string, args: readonly string[]) {
    mkdirSync(data, { recursive: true });
    const all = [BIN, 'start', '--data', data, '--port', '0', '--host', '127.0.0.1', ...args];
    const env = { PATH: process.env.PATH ?? '', REVENGE__OBSERVABILITY__PORT: '0' };
    this.#process = spawn(process.execPath, all, { cwd: data, env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#exited = new Promise((done) => this.#process.once('close', () => done()));
  }

  /** Resolves when it is ready, rejects with what it printed when it ends before. */
  static async start(data: string, args: readonly string[]): Promise<RealServer> {
    const server = new RealServer(data, args);
    await new Promise<void>((done, reject) => {
      for (const stream of [server.#process.stdout, server.#process.stderr])
        stream?.setEncoding('utf8').on('data', (chunk: string) => {
          server.#text += chunk;
          server.#url ||= /^ *API +(http:\/\/[^/\s]+)/m.exec(server.#text)?.[1] ?? '';
          if (server.#url !== '' && /^Ready/m.test(server.#text)) done();
        });
      void server.#exited.then(() => reject(new Error(`the server ended before it was ready:\n${server.#text}`)));
    });
    return server;
  }

  async ask(path: string, init: { readonly token?: string; readonly body?: object } = {}) {
    const response = await fetch(`${this.#url}/api/v1${path}`, {
      method: init.body ? 'POST' : 'GET',
      headers: {
        'content-type': 'application/json',
        ...(init.token !== undefined && { authorization: `Bearer ${init.token}` }),
      },
      ...(init.body && { body: JSON.stringify(init.body) }),
    });
    // oxlint-disable-next-line typescript/no-explicit-any -- a test reads what it knows is there
    return (await response.json()) as any;
  }

  /** SIGKILL, as a crash; or a stop in order. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    this.#process.kill(signal);
    await this.#exited;
  }
}
