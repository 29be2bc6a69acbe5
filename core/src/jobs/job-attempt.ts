import { type JobDef, type JobRun, GiveUp, NeedsAuth, NotReady, Problem } from '@revenge/sdk';
import { type InstanceRef, runAs } from '../lifecycle/attribution.ts';
import { milliseconds } from '../lifecycle/duration.ts';
import { parseInput } from './job-input.ts';
import type { ClaimedRow } from './job-row.ts';

/** Between two writes of progress. Milliseconds. */
const PROGRESS_EVERY = 250;
const TEXT = 500;

export type AbortReason = 'timeout' | 'cancel' | 'stop' | 'lost';
export type Outcome =
  | { readonly kind: 'completed' }
  | { readonly kind: 'cancelled' }
  /** Given back: its node or instance stops. */
  | { readonly kind: 'stopped' }
  | { readonly kind: 'not-ready'; readonly error: unknown; readonly inMs: number }
  | { readonly kind: 'needs-auth'; readonly error: unknown }
  | { readonly kind: 'failed'; readonly error: unknown; readonly final: boolean };

export interface AttemptDeps {
  readonly type: string;
  readonly owner: InstanceRef;
  readonly def: JobDef;
  readonly run: (run: JobRun<unknown>) => void | Promise<void>;
  /** Stores the latest progress; its failures are its own. */
  readonly store: (ratio: number, text: string | undefined) => Promise<void>;
  readonly timeoutMs: number;
  /** How long a handler may ignore its signal before its slot is given to others. */
  readonly graceMs: number;
}

/** One attempt at one row: calls the handler, ends it by its signal, and says what came of it. Never rejects. */
export class JobAttempt {
  readonly row: ClaimedRow;
  readonly #deps: AttemptDeps;
  readonly #controller = new AbortController();
  readonly #abandoned: Promise<Outcome>;
  #abandon: (outcome: Outcome) => void = () => undefined;
  #reason: AbortReason | undefined;
  #grace: NodeJS.Timeout | undefined;
  #progress: { ratio: number; text: string | undefined } | undefined;
  #writer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(row: ClaimedRow, deps: AttemptDeps) {
    this.row = row;
    this.#deps = deps;
    this.#abandoned = new Promise((resolve) => (this.#abandon = resolve));
  }

  get lost(): boolean {
    return this.#reason === 'lost';
  }

  async outcome(): Promise<Outcome> {
    const timer = setTimeout(() => this.abort('timeout'), Math.min(this.#deps.timeoutMs, 2 ** 31 - 1));
    const outcome = await Promise.race([this.#call(), this.#abandoned]);
    this.#ended = true;
    for (const each of [timer, this.#grace, this.#writer]) clearTimeout(each);
    if (this.#progress && !this.lost) await this.#write();
    return outcome;
  }

  abort(reason: AbortReason): void {
    // A cancel outlives a stop: it is not to run again elsewhere.
    if (this.#ended || (this.#reason !== undefined && reason !== 'cancel')) return;
    this.#reason = reason;
    this.#controller.abort(new DOMException(REASONS[reason], reason === 'timeout' ? 'TimeoutError' : 'AbortError'));
    this.#grace ??= setTimeout(() => this.#abandon(this.#ignored()), this.#deps.graceMs);
  }

  async #call(): Promise<Outcome> {
    try {
      const input = await parseInput(this.#deps.type, this.#deps.def, this.row.input);
      await runAs(this.#deps.owner, async () => this.#deps.run(this.#handle(input)));
      return this.#reason === 'timeout' || this.#reason === 'cancel' ? this.#interrupted() : { kind: 'completed' };
    } catch (error) {
      return this.#reason === undefined ? judged(error) : this.#interrupted(error);
    }
  }

  #handle(input: unknown): JobRun<unknown> {
    const { id, attempt, max_attempts } = this.row;
    const progress = (ratio: number, text?: string): void => {
      if (this.#ended) return;
      this.#progress = {
        ratio: Number.isFinite(ratio) ? Math.min(1, Math.max(0, ratio)) : 0,
        text: text?.slice(0, TEXT),
      };
      this.#writer ??= setTimeout(() => void this.#write(), PROGRESS_EVERY);
    };
    return { id, input, attempt, last: attempt >= max_attempts, signal: this.#controller.signal, progress };
  }

  async #write(): Promise<void> {
    const latest = this.#progress;
    this.#progress = undefined;
    if (latest) await this.#deps.store(latest.ratio, latest.text?.replaceAll('\0', ''));
    this.#writer = undefined;
    if (this.#progress && !this.#ended) this.#writer = setTimeout(() => void this.#write(), PROGRESS_EVERY);
  }

  #interrupted(error?: unknown): Outcome {
    if (this.#reason === 'cancel') return { kind: 'cancelled' };
    if (this.#reason !== 'timeout') return { kind: 'stopped' };
    const cause = error === undefined || error === this.#controller.signal.reason ? {} : { cause: error };
    return {
      kind: 'failed',
      error: new Error(`took longer than ${this.#deps.timeoutMs / 1000} s`, cause),
      final: false,
    };
  }

  #ignored(): Outcome {
    if (this.#reason === 'cancel') return { kind: 'cancelled' };
    if (this.#reason !== 'timeout') return { kind: 'stopped' };
    const what = `took longer than ${this.#deps.timeoutMs / 1000} s and ignored its signal for ${this.#deps.graceMs / 1000} s more; it may still be running`;
    return { kind: 'failed', error: new Error(what), final: false };
  }
}

const REASONS: Readonly<Record<AbortReason, string>> = {
  timeout: 'the job took longer than its timeout',
  cancel: 'the job was cancelled',
  stop: 'the instance stops',
  lost: 'another node has taken this run over',
};

function judged(error: unknown): Outcome {
  if (NotReady.is(error)) return { kind: 'not-ready', error, inMs: milliseconds(error.retryAfter) };
  if (NeedsAuth.is(error)) return { kind: 'needs-auth', error };
  // An input that its schema refuses now will be refused at every attempt.
  const refused = Problem.is(error) && error.slug === 'invalid';
  return { kind: 'failed', error, final: GiveUp.is(error) || refused };
}
