import { Piscina } from 'piscina';
import { workerFile } from '@revenge/sdk';
import { Slots } from '../slots.ts';
import { Deadline } from './deadline.ts';
import { findFfprobe, readWithFfprobe } from './ffprobe.ts';
import { failed } from './probe-result.ts';
import type { ProbeResult } from './probe-result.ts';
import type { ProbeAnswer } from './probe.worker.ts';

export type {
  AudioStream,
  FailedFile,
  ProbedFile,
  ProbeResult,
  Stream,
  SubtitleStream,
  VideoStream,
} from './probe-result.ts';

export interface ProberOptions {
  /** Threads that read files, 1 unless told. */
  readonly threads?: number;
  /** Path of ffprobe; undefined reads only what needs none. Left out, it is looked for in PATH. */
  readonly ffprobe?: string | undefined;
  /** Milliseconds one file may take before its thread is ended and replaced; 15,000 unless told. */
  readonly timeout?: number;
}

/** A thread without work for this long (milliseconds) ends, and its memory returns. */
const IDLE = 5_000;
/** Bytes of a thread's heap after which its pool is replaced. */
const HEAP_LIMIT = 64 * 1024 * 1024;

/** Says what media files hold, in threads of its own, never failing and never waiting longer than its timeout for one file. */
export class Prober {
  readonly #threads: number;
  readonly #timeout: number;
  readonly #ffprobe: string | undefined;
  /** One file a thread: time spent in a queue must not count against a file's timeout. */
  readonly #slots: Slots;
  readonly #closing: Promise<void>[] = [];
  #pool: Piscina<string, ProbeAnswer> | undefined;

  constructor(options: ProberOptions = {}) {
    this.#threads = Math.max(1, options.threads ?? 1);
    this.#slots = new Slots(this.#threads);
    this.#timeout = options.timeout ?? 15_000;
    this.#ffprobe = 'ffprobe' in options ? options.ffprobe : findFfprobe(process.env.PATH ?? '');
  }

  /** The results in the order in which they are ready; few files are under way at a time, so a slow reader slows the probing. */
  async *probe(paths: Iterable<string> | AsyncIterable<string>, signal: AbortSignal): AsyncIterable<ProbeResult> {
    const running = new Map<string, Promise<ProbeResult>>();
    for await (const path of paths) {
      signal.throwIfAborted();
      running.set(path, this.probeOne(path, signal));
      if (running.size >= this.#threads) yield await next(running);
    }
    while (running.size > 0) yield await next(running);
  }

  /** Rejects only when the signal fires; whatever is wrong with the file is the result. */
  async probeOne(path: string, signal: AbortSignal): Promise<ProbeResult> {
    return this.#slots.during(signal, async () => {
      const result = await this.#inThread(path, signal);
      if (result.ok || result.code !== 'unsupported' || this.#ffprobe === undefined) return result;
      return readWithFfprobe(this.#ffprobe, path, { signal, timeout: this.#timeout });
    });
  }

  /** Ends the threads; what runs is given up. */
  async close(): Promise<void> {
    const pool = this.#pool;
    this.#pool = undefined;
    await Promise.all([pool?.destroy(), ...this.#closing]);
  }

  async #inThread(path: string, signal: AbortSignal): Promise<ProbeResult> {
    signal.throwIfAborted();
    this.#pool ??= this.#open();
    const pool = this.#pool;
    const deadline = new Deadline(signal, this.#timeout);
    try {
      const answer = await pool.run(path, { signal: deadline.signal });
      if (answer.heap > HEAP_LIMIT && this.#pool === pool) this.#replace(pool);
      return answer.result;
    } catch (error) {
      signal.throwIfAborted();
      if (deadline.passed) return failed(path, 'timeout');
      return failed(path, 'corrupt', error instanceof Error ? error.message : String(error));
    } finally {
      deadline.clear();
    }
  }

  /** What the old pool still runs is finished there. */
  #replace(pool: Piscina<string, ProbeAnswer>): void {
    this.#pool = undefined;
    const closing = pool.close();
    this.#closing.push(closing);
    const forget = (): void => void this.#closing.splice(this.#closing.indexOf(closing), 1);
    closing.then(forget, forget);
  }

  #open(): Piscina<string, ProbeAnswer> {
    const file = workerFile(import.meta.url, './probe.worker');
    return new Piscina<string, ProbeAnswer>({
      filename: file.filename,
      execArgv: [...file.execArgv],
      minThreads: 0,
      maxThreads: this.#threads,
      idleTimeout: IDLE,
      resourceLimits: { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 8 },
    });
  }
}

async function next(running: Map<string, Promise<ProbeResult>>): Promise<ProbeResult> {
  const result = await Promise.race(running.values());
  running.delete(result.path);
  return result;
}
