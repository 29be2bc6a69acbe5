import { type ContractDef, NeedsAuth, NotReady, type Notice, type Plugin } from '@revenge/sdk';
import type { Mounted } from '../http/mount.ts';
import type { InstanceRef } from '../lifecycle/attribution.ts';
import { milliseconds } from '../lifecycle/duration.ts';
import type { KernelLog } from '../log/log.ts';
import type { InstanceParts } from './context.ts';
import { type Deadlines, Generation } from './generation.ts';
import type { Notices } from './notices.ts';
import type { InstanceState } from './plugin-admin.ts';

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
  #state: InstanceState = 'disabled';
  #reason: string | undefined;
  #since = new Date();
  #generation: Generation | undefined;
  #attempt = 0;
  #retryAt = 0;
  #retry: NodeJS.Timeout | undefined;
  #forget: NodeJS.Timeout | undefined;
  readonly #degraded = new Map<string, string>();
  readonly #retiring = new Set<Promise<void>>();
  #mounted: { readonly generation: Generation | undefined; readonly as: Mounted } | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: SupervisorOptions) {
    this.#o = options;
  }

  get ref(): InstanceRef {
    return this.#o.ref;
  }
  get contract(): ContractDef {
    return this.#o.contract;
  }
  get state(): InstanceState {
    return this.#state === 'ready' && this.#degraded.size ? 'degraded' : this.#state;
  }
  get reason(): string | undefined {
    return this.state === 'degraded' ? [...this.#degraded.values()].join(' ') : this.#reason;
  }
  get since(): Date {
    return this.#since;
  }
  get serving(): boolean {
    return this.#state === 'ready';
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
      this.#to('stopping');
      if (old) await this.#retire(old);
      await Promise.all(this.#retiring);
      this.#degraded.clear();
      if (state === 'disabled') this.#to('disabled', 'An administrator turned it off.');
    });
  }

  /** For what the kernel sees of an instance from outside: an upstream's breaker. */
  degraded(what: string, reason: string): void {
    this.#degrade(what, reason);
  }
  recovered(what: string): void {
    this.#recover(what);
  }

  block(reason: string): void {
    this.#to('blocked', reason);
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
    this.#degrade('faults', `An error in ${where}: ${firstLine(error)}`);
    clearTimeout(this.#forget);
    this.#forget = setTimeout(() => this.#recover('faults'), FAULT_MEMORY);
    this.#forget.unref();
  };

  /** The same object for the same generation, so that what is compiled for it can be kept. */
  mounted(): Mounted {
    const generation = this.serving ? this.#generation : undefined;
    if (!this.#mounted || this.#mounted.generation !== generation)
      this.#mounted = { generation, as: this.#mount(generation) };
    return this.#mounted.as;
  }

  #mount(generation: Generation | undefined): Mounted {
    return {
      ref: this.ref,
      contract: this.contract,
      routes: generation?.routes,
      status: () => ({ state: this.state, reason: this.reason, retryAfter: this.#retryAfter() }),
      enter: () => generation?.enter() ?? false,
      leave: () => generation?.leave(),
      signal: generation?.signal ?? AbortSignal.abort(),
      failed: (error, route) => this.fault(error, route),
      webhookSecret: this.#o.webhookSecret(),
    };
  }

  /** Seconds until the next try; 5 where none is planned. */
  #retryAfter(): number {
    return this.#state === 'retrying' ? Math.max(1, Math.ceil((this.#retryAt - Date.now()) / 1_000)) : 5;
  }

  async #attemptStart(): Promise<void> {
    let generation: Generation | undefined;
    try {
      generation = await this.#make();
      this.#to('starting');
      await generation.start();
      await generation.activate();
      this.#generation = generation;
      this.#attempt = 0;
      this.#to('ready');
    } catch (error) {
      if (generation) await generation.deactivate();
      this.#failedToStart(error);
    }
  }

  async #make(): Promise<Generation> {
    if (!this.#generation)
      this.#to(this.contract.database ? 'migrating' : 'starting', this.contract.database ? MIGRATION_HINT : undefined);
    const config = await this.#o.config();
    const plugin = await this.#o.load();
    const parts = await this.#o.parts();
    const status = {
      degraded: (what: string, reason: string) => this.#degrade(`own:${what}`, reason),
      recovered: (what: string) => this.#recover(`own:${what}`),
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
    await next.activate();
    this.#generation = next;
    this.#degraded.clear();
    this.#to('ready');
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
    if (NeedsAuth.is(error)) this.#to('needs-auth', needsAuthText(error));
    else if (NotReady.is(error)) this.#retryIn(milliseconds(error.retryAfter), error.message);
    else if (transient(error)) this.#retryIn(30_000, `${firstLine(error)} It is tried again.`);
    else this.#to('failed', firstLine(error));
  }

  /** Doubles from one second up to `most`, with ±20 % jitter. */
  #retryIn(most: number, reason: string): void {
    this.#attempt += 1;
    const wait = Math.min(most, 1_000 * 2 ** (this.#attempt - 1)) * (0.8 + Math.random() * 0.4);
    this.#retryAt = Date.now() + wait;
    this.#to('retrying', reason);
    this.#retry = setTimeout(() => void this.start(), wait);
    this.#retry.unref();
  }

  /** Routes answer 503 and jobs wait until the field is edited; then `replace` makes a new generation. */
  #needsAuth(error: NeedsAuth): void {
    this.#o.log.warn('needs new credentials', { reason: error.message, field: error.field });
    void this.#inTurn(async () => {
      const old = this.#generation;
      this.#generation = undefined;
      this.#to('needs-auth', needsAuthText(error));
      if (old) await this.#retire(old);
    });
  }

  #degrade(what: string, reason: string): void {
    if (this.#degraded.get(what) === reason) return;
    this.#degraded.set(what, reason);
    this.#o.changed();
  }
  #recover(what: string): void {
    if (this.#degraded.delete(what)) this.#o.changed();
  }

  #to(state: InstanceState, reason?: string): void {
    this.#state = state;
    this.#reason = reason;
    this.#since = new Date();
    this.#o.log.info('state', { state, ...(reason && { reason }) });
    this.#o.changed();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#turn.then(work);
    this.#turn = run.catch(() => undefined); // the caller of `run` hears of it
    return run;
  }
}

const needsAuthText = ({ message, field }: NeedsAuth): string =>
  field ? `${message} Edit '${field}' in its settings.` : message;
const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]!.slice(0, 500);

/** What goes away by itself: a database or a host that does not answer now. PostgreSQL classes 08, 57, 53; Node's connection errors. */
function transient(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const { code } = at as { code?: unknown };
    if (typeof code === 'string' && /^(08|57P|53)|^E(CONNREFUSED|CONNRESET|PIPE|TIMEDOUT|AI_AGAIN)$/.test(code))
      return true;
    if (/Connection terminated|timeout exceeded when trying to connect/i.test(at.message)) return true;
  }
  return false;
}
