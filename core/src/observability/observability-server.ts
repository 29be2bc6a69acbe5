import { Worker } from 'node:worker_threads';
import { workerFile } from '@revenge/sdk';
import type { Readiness } from '../health/readiness.ts';
import type { KernelLog } from '../log/log.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Answer, FromThread, ObservabilityData, Question, ToThread } from './observability-protocol.ts';
import { portRefusal } from './port-refusal.ts';

/** Milliseconds. `answer` lies below the 10 s that Prometheus waits. */
const TIMING = { hung: 60_000, answer: 5_000, again: 1_000, farewell: 3_000 };
/** A page of metrics is some hundred kilobytes; the rest is Node's own. */
const MEMORY = { maxOldGenerationSizeMb: 48, maxYoungGenerationSizeMb: 4 };

export interface ObservabilityDeps {
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  readonly log: KernelLog;
  /** As `PostgresJobQueue.heartbeat`: Int32 0 the main thread's last sign of life (s), Int32 1 whether it is held to be hung. */
  readonly heartbeat: SharedArrayBuffer;
  readonly timing?: Partial<typeof TIMING>;
}
type Address = Pick<ObservabilityData, 'host' | 'port'>;

/**
 * The port for operators and Prometheus; it knows no user, so it listens on loopback unless told otherwise. It is a thread's of its own, so that
 * a main thread that hangs is told as such; that thread asks this one for all but /health/live. One that dies is replaced.
 */
export class ObservabilityServer {
  readonly #deps: ObservabilityDeps;
  readonly #timing: typeof TIMING;
  #thread: Worker | undefined;
  #again: NodeJS.Timeout | undefined;
  #stopped = true;

  constructor(deps: ObservabilityDeps) {
    this.#deps = deps;
    this.#timing = { ...TIMING, ...deps.timing };
  }

  /** Answers the port it listens on, which is another than asked for only where that was 0. */
  async start({ host, port }: Address): Promise<number> {
    this.#stopped = false;
    try {
      return await this.#spawn({ host, port });
    } catch (error) {
      this.#stopped = true;
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#again);
    const thread = this.#thread;
    if (!thread) return;
    const gone = new Promise<unknown>((resolve) => thread.once('exit', resolve));
    const late = setTimeout(() => void thread.terminate(), this.#timing.farewell);
    this.#tell(thread, 'stop');
    await gone;
    clearTimeout(late);
  }

  /** Resolves with its port once the thread listens; rejects when it cannot. */
  #spawn({ host, port }: Address): Promise<number> {
    const { filename, execArgv } = workerFile(import.meta.url, './observability.worker');
    const { hung: hungMs, answer: answerMs } = this.#timing;
    const workerData: ObservabilityData = { host, port, shared: this.#deps.heartbeat, hungMs, answerMs };
    const thread = new Worker(filename, {
      workerData,
      execArgv: [...execArgv],
      name: 'observability',
      resourceLimits: MEMORY,
    });
    this.#thread = thread;
    return new Promise((resolve, reject) => {
      let bound: number | undefined;
      let reason: Error | undefined;
      thread.on('message', (message: FromThread) => {
        if ('listening' in message) resolve((bound = message.listening));
        else if ('refused' in message)
          reason = portRefusal(Object.assign(new Error(message.refused.message), message.refused), host, port);
        else if ('failed' in message) this.#deps.log.error('the observability port failed', { reason: message.failed });
        else void this.#answer(thread, message.id, message.question);
      });
      thread.on('error', (error) => (reason = error));
      thread.on('exit', () => {
        if (this.#thread === thread) this.#thread = undefined;
        const error = reason ?? new Error('the thread of the observability port ended');
        reject(error);
        if (bound === undefined || this.#stopped) return;
        this.#deps.log.error(new Error('the observability port failed and is opened again', { cause: error }));
        this.#later({ host, port: bound });
      });
    });
  }

  /** Until it listens: what held the port, if anything, may let it go. */
  #later(address: Address): void {
    this.#again = setTimeout(() => {
      this.#spawn(address).catch((error: unknown) => {
        if (this.#stopped) return;
        this.#deps.log.warn('the observability port cannot be opened again yet', { error });
        this.#later(address);
      });
    }, this.#timing.again).unref();
  }

  async #answer(thread: Worker, id: number, question: Question): Promise<void> {
    let answer: Answer;
    try {
      answer = question === 'metrics' ? await this.#metrics() : this.#ready();
    } catch (error) {
      this.#deps.log.error('the observability port failed to answer', { error });
      answer = { status: 500, type: 'text/plain', text: 'failed; see the log\n' };
    }
    this.#tell(thread, { id, answer }, typeof answer.text === 'string' ? [] : [answer.text.buffer]);
  }

  async #metrics(): Promise<Answer> {
    const { type, text } = await this.#deps.metrics.exposition();
    return { status: 200, type, text: new TextEncoder().encode(text) };
  }

  #ready(): Answer {
    const { readiness } = this.#deps;
    const known = readiness.reasons();
    const reasons = readiness.started() || known.length ? known : ['starting'];
    const body = JSON.stringify({ status: reasons.length ? 'not ready' : 'ready', reasons });
    return { status: reasons.length ? 503 : 200, type: 'application/json', text: `${body}\n` };
  }

  #tell(thread: Worker, message: ToThread, given: readonly ArrayBuffer[] = []): void {
    thread.postMessage(message, given);
  }
}
