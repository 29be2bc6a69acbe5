import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { workerFile } from '@revenge/sdk';
import { fileKinds } from './file-kind.ts';
import type { FileKind } from './file-kind.ts';
import { MessageQueue } from './message-queue.ts';
import { CREDITS, STOP } from './walk-protocol.ts';
import type { PackedBatch, WalkMessage, WalkOrder, WalkProblem } from './walk-protocol.ts';

export type { FileKind, WalkProblem };

export interface FoundFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Whole milliseconds since 1970. */
  readonly mtime_ms: number;
  readonly kind: FileKind;
}

export interface WalkBatch {
  readonly files: FoundFile[];
  readonly problems: WalkProblem[];
  /** Folders entered since the batch before. */
  readonly folders: number;
}

export interface WalkOptions {
  readonly signal: AbortSignal;
  /** Files a batch, 1,000 unless told. */
  readonly batchSize?: number;
}

/** Batches the thread may be ahead of its reader: with 1,000 files each, under 1 MB. */
const AHEAD = 4;

/** Lists the files below a folder from a thread of its own, no faster than its reader takes them. */
export class Walker {
  readonly #running = new Set<Worker>();

  async *walk(root: string, options: WalkOptions): AsyncIterable<WalkBatch> {
    const { signal, batchSize = 1000 } = options;
    signal.throwIfAborted();
    const control = new Int32Array(new SharedArrayBuffer(8));
    Atomics.store(control, CREDITS, AHEAD);
    const order: WalkOrder = { root: resolve(root), batchSize: Math.max(1, batchSize), control };
    const file = workerFile(import.meta.url, './walk.worker');
    const worker = new Worker(file.filename, {
      execArgv: [...file.execArgv],
      workerData: order,
      name: 'library-walk',
      resourceLimits: { maxYoungGenerationSizeMb: 8 },
    });
    this.#running.add(worker);
    const queue = new MessageQueue<WalkMessage>(worker, signal);
    try {
      for await (const message of queue) {
        if ('done' in message) return;
        yield unpack(order.root, message.batch);
        Atomics.add(control, CREDITS, 1);
        Atomics.notify(control, CREDITS);
      }
    } finally {
      queue.end();
      Atomics.store(control, STOP, 1);
      Atomics.add(control, CREDITS, 1);
      Atomics.notify(control, CREDITS);
      void worker.terminate().then(() => this.#running.delete(worker));
    }
  }

  /** Ends every walk that still runs. */
  async close(): Promise<void> {
    await Promise.all([...this.#running].map((worker) => worker.terminate()));
  }
}

function unpack(root: string, batch: PackedBatch): WalkBatch {
  const prefix = root === '/' ? '/' : `${root}/`;
  const names = batch.sizes.length === 0 ? [] : batch.paths.split('\0');
  const files = names.map((name, index) => ({
    path: prefix + name,
    size: batch.sizes[index] ?? 0,
    mtime_ms: batch.times[index] ?? 0,
    kind: fileKinds[batch.kinds[index] ?? 5] ?? 'other',
  }));
  return { files, problems: [...batch.problems], folders: batch.folders };
}
