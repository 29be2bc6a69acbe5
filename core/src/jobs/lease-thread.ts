import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { workerFile } from '@revenge/sdk';
import type { KernelLog } from '../log/log.ts';
import { HEARTBEAT, HUNG, type LeaseData, type LeaseMessage } from './lease-protocol.ts';

const BEAT_MS = 1_000;

export interface LeaseThreadDeps extends Omit<LeaseData, 'shared'> {
  readonly log: KernelLog;
  readonly renewed: (began: number, kept: ReadonlySet<string>) => void;
  readonly cancelled: (id: string) => void;
}

/** This thread's side of the lease worker: beats its heart, and hears which runs were kept. A worker that dies is replaced. */
export class LeaseThread {
  /** Two Int32s, for whoever answers for this node's life from another thread. */
  readonly shared = new SharedArrayBuffer(8);
  readonly #life = new Int32Array(this.shared);
  readonly #deps: LeaseThreadDeps;
  #worker: Worker | undefined;
  #beat: NodeJS.Timeout | undefined;
  #first: () => void = () => undefined;
  #stopped = false;
  #failing = false;

  constructor(deps: LeaseThreadDeps) {
    this.#deps = deps;
  }

  /** The lease thread has seen no sign of life from the main thread for a minute. */
  get hung(): boolean {
    return Atomics.load(this.#life, HUNG) === 1;
  }

  /** Resolves once the thread keeps leases, or has said why it cannot yet: before it, a run could outlive its first lease. */
  async start(): Promise<void> {
    const beat = (): void =>
      void Atomics.store(this.#life, HEARTBEAT, Math.floor((performance.timeOrigin + performance.now()) / 1000) | 0);
    beat();
    this.#beat = setInterval(beat, BEAT_MS).unref();
    const first = new Promise<void>((resolve) => (this.#first = resolve));
    this.#spawn();
    this.#worker?.ref();
    await first;
    this.#worker?.unref();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#beat);
    const worker = this.#worker;
    if (!worker) return;
    this.#worker = undefined;
    const gone = once(worker, 'exit');
    const late = setTimeout(() => void worker.terminate(), 2_000);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
    worker.postMessage('stop');
    await gone;
    clearTimeout(late);
  }

  #spawn(): void {
    const { log, renewed: _renewed, cancelled: _cancelled, ...data } = this.#deps;
    const { filename, execArgv } = workerFile(import.meta.url, './lease.worker');
    const workerData: LeaseData = { ...data, shared: this.shared };
    const worker = new Worker(filename, { workerData, execArgv: [...execArgv], name: 'lease' });
    worker.unref();
    this.#worker = worker;
    worker.on('message', (message: LeaseMessage) => this.#heard(message));
    worker.on('error', (error) => {
      this.#first();
      log.error(new Error('jobs: the lease thread failed', { cause: error }));
    });
    worker.on('exit', () => {
      if (this.#stopped || this.#worker !== worker) return;
      this.#worker = undefined;
      setTimeout(() => !this.#stopped && this.#spawn(), BEAT_MS).unref();
    });
  }

  #heard(message: LeaseMessage): void {
    this.#first();
    if ('error' in message) {
      if (!this.#failing)
        this.#deps.log.warn('jobs: leases could not be renewed; trying on', { reason: message.error });
      this.#failing = true;
      return;
    }
    this.#failing = false;
    this.#deps.renewed(message.began, new Set(message.kept));
    for (const id of message.cancelled) this.#deps.cancelled(id);
  }
}
