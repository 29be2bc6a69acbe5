import { type ContractDef, NeedsAuth, NotReady, type Notice, type Plugin } from '@revenge/sdk';
import type { Mounted } from '../http/mount.ts';
import type { InstanceRef } from '../lifecycle/attribution.ts';
import { milliseconds } from '../lifecycle/duration.ts';
import type { KernelLog } from '../log/log.ts';
import type { InstanceParts } from './context.ts';
import { type Deadlines, Generation } from './generation.ts';
import type { Notices } from './notices.ts';
import { InstanceStatus } from './instance-status.ts';
import { firstLineOf, needsAuthText, transient } from './start-failure.ts';

/** A fault degrades its instance for so long after the last one. Milliseconds. */
const FAULT_MEMORY = 5 * 60_000;
const MIGRATION_HINT = 'while its database was made ready';

export interface SupervisorOptions {
  readonly ref: InstanceRef;
  readonly contract: ContractDef;
  readonly log: KernelLog;
  readonly deadlines: Deadlines;
  /** Imports the plugin's code; a throw is this instance's failure. */
  load(): Promise<Plugin>;
  /** Everything but the config: schema migrated, child container built. */
  parts(): Promise<InstanceParts>;
  /** The validated config of now; its secrets are made known to the log. */
  config(): Promise<Readonly<Record<string, unknown>>>;
  readonly webhookSecret: () => string | undefined;
  readonly notices: Notices;
  /** Prints to the operator's terminal. */
  say(text: string): void;
  /** State or routes changed. */
  changed(): void;
  counted(): void;
}

/** Keeps one instance running, and says in one word and one sentence how it is. Its failures are its state, never the process's. */
export class Supervisor {
  readonly #o: SupervisorOptions;
  readonly #status: InstanceStatus;
  #generation: Generation | undefined;
  #attempt = 0;
  #retryAt = 0;
  #retry: NodeJS.Timeout | undefined;
  #forget: NodeJS.Timeout | undefined;
  readonly #retiring = new Set<Promise<void>>();
  #mounted: { readonly generation: Generation | undefined; readonly as: Mounted } | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: SupervisorOptions) {
    this.#o = options;
    this.#status = new InstanceStatus(options.log, options.changed);
  }

  get ref(): InstanceRef {
    return this.#o.ref;
  }
  get contract(): ContractDef {
    return this.#o.contract;
  }
  get status(): InstanceStatus {
    return this.#status;
  }
  get notices(): readonly string[] {
    return this.#o.notices.texts;
  }

  /** First start, or another try. Never rejects: what went wrong is the state. */
  start(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#generation) return;
      await this.#attemptStart();
    });
  }

  /**
   * A new generation beside the running one, swapped in when it has started. When it does not start, the running one stays and this rejects;
   * with none running, the failure becomes the state.
   */
  replace(): Promise<void> {
    return this.#inTurn(async () => {
      clearTimeout(this.#retry);
      this.#attempt = 0;
      const old = this.#generation;
      if (!old) return this.#attemptStart();
      const next = await this.#make();
      await next.start();
      await this.#swap(next, old);
    });
  }

  stop(state: 'disabled' | 'stopping' = 'stopping'): Promise<void> {
    return this.#inTurn(async () => {
      clearTimeout(this.#retry);
      clearTimeout(this.#forget);
      const old = this.#generation;
      this.#generation = undefined;
      this.#status.to('stopping');
      if (old) await this.#retire(old);
      await Promise.all(this.#retiring);
      this.#status.forget();
      if (state === 'disabled') this.#status.to('disabled', 'An administrator turned it off.');
    });
  }

  /** An error that no caller was told of, or a handler's that is none of its answers. */
  readonly fault = (error: unknown, where: string): void => {
    if (NeedsAuth.is(error)) return this.#needsAuth(error);
    if (NotReady.is(error)) {
      this.#o.log.info('not ready', { where, reason: error.message });
      return;
    }
    this.#o.counted();
    this.#o.log.error(error instanceof Error ? error : new Error(String(error)), { where });
    this.#status.degrade('faults', `An error in ${where}: ${firstLineOf(error)}`);
    clearTimeout(this.#forget);
    this.#forget = setTimeout(() => this.#status.recover('faults'), FAULT_MEMORY);
    this.#forget.unref();
  };

  /** The same object for the same generation, so that what is compiled for it can be kept. */
  mounted(): Mounted {
    const generation = this.#status.serving ? this.#generation : undefined;
    if (!this.#mounted || this.#mounted.generation !== generation)
      this.#mounted = { generation, as: this.#mount(generation) };
    return this.#mounted.as;
  }

  #mount(generation: Generation | undefined): Mounted {
    return {
      ref: this.ref,
      contract: this.contract,
      routes: generation?.routes,
      status: () => ({ state: this.#status.state, reason: this.#status.reason, retryAfter: this.#retryAfter() }),
      enter: () => generation?.enter() ?? false,
      leave: () => generation?.leave(),
      signal: generation?.signal ?? AbortSignal.abort(),
      failed: (error, route) => this.fault(error, route),
      webhookSecret: this.#o.webhookSecret(),
    };
  }

  /** Seconds until the next try; 5 where none is planned. */
  #retryAfter(): number {
    return this.#status.state === 'retrying' ? Math.max(1, Math.ceil((this.#retryAt - Date.now()) / 1_000)) : 5;
  }

  async #attemptStart(): Promise<void> {
    let generation: Generation | undefined;
    try {
      generation = await this.#make();
      this.#status.to('starting');
      await generation.start();
      await generation.activate();
      this.#generation = generation;
      this.#attempt = 0;
      this.#status.to('ready');
    } catch (error) {
      if (generation) await this.#retire(generation);
      this.#failedToStart(error);
    }
  }

  async #make(): Promise<Generation> {
    if (!this.#generation)
      this.#status.to(
        this.contract.database ? 'migrating' : 'starting',
        this.contract.database ? MIGRATION_HINT : undefined,
      );
    const config = await this.#o.config();
    const plugin = await this.#o.load();
    const parts = await this.#o.parts();
    const status = {
      degraded: (what: string, reason: string) => this.#status.degrade(`own:${what}`, reason),
      recovered: (what: string) => this.#status.recover(`own:${what}`),
      notice: (what: string, notice: Notice | undefined) => {
        this.#o.notices.set(what, notice);
        this.#o.changed();
      },
      say: (text: string) => {
        this.#o.log.info(text);
        this.#o.say(text);
      },
    };
    return new Generation({ parts, plugin, config, status, fault: this.fault, deadlines: this.#o.deadlines });
  }

  async #swap(next: Generation, old: Generation): Promise<void> {
    try {
      await next.activate();
    } catch (error) {
      await this.#retire(next);
      await old.activate(); // takes back the places that the new one had taken already
      throw error;
    }
    this.#generation = next;
    this.#status.forget();
    this.#status.to('ready');
    const retiring: Promise<void> = this.#retire(old).finally(() => this.#retiring.delete(retiring));
    this.#retiring.add(retiring);
  }

  async #retire(generation: Generation): Promise<void> {
    try {
      await generation.deactivate();
    } catch (error) {
      this.fault(error, 'stop');
    }
    await generation.retire();
  }

  #failedToStart(error: unknown): void {
    this.#o.log.error(error instanceof Error ? error : new Error(String(error)), { where: 'start' });
    this.#o.counted();
    if (NeedsAuth.is(error)) this.#status.to('needs-auth', needsAuthText(error));
    else if (NotReady.is(error)) this.#retryIn(milliseconds(error.retryAfter), error.message);
    else if (transient(error)) this.#retryIn(30_000, `${firstLineOf(error)} It is tried again.`);
    else this.#status.to('failed', firstLineOf(error));
  }

  /** Doubles from one second up to `most`, with ±20 % jitter. */
  #retryIn(most: number, reason: string): void {
    this.#attempt += 1;
    const wait = Math.min(most, 1_000 * 2 ** (this.#attempt - 1)) * (0.8 + Math.random() * 0.4);
    this.#retryAt = Date.now() + wait;
    this.#status.to('retrying', reason);
    this.#retry = setTimeout(() => void this.start(), wait);
    this.#retry.unref();
  }

  /** Routes answer 503 and jobs wait until the field is edited; then `replace` makes a new generation. */
  #needsAuth(error: NeedsAuth): void {
    this.#o.log.warn('needs new credentials', { reason: error.message, field: error.field });
    void this.#inTurn(async () => {
      const old = this.#generation;
      this.#generation = undefined;
      this.#status.to('needs-auth', needsAuthText(error));
      if (old) await this.#retire(old);
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#turn.then(work);
    this.#turn = run.catch(() => undefined); // the caller of `run` hears of it
    return run;
  }
}
