import type { ContractDef, EventToken, Implementation, JobDef, Plugin } from '@revenge/sdk';
import { Disposer } from '../lifecycle/disposer.ts';
import { instanceKey, runAs } from '../lifecycle/attribution.ts';
import type { AnyHandler } from '../http/mount.ts';
import { buildContext, type GenerationScope, type InstanceParts } from './context.ts';
import { within } from './deadline.ts';

/** Milliseconds. A setup or start that has not settled by then has failed; a stop is left behind; open requests are cut. */
export interface Deadlines {
  readonly setup: number;
  readonly start: number;
  readonly stop: number;
  readonly drain: number;
}

type Section = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;
type AnyImplementation = Implementation<ContractDef> & Readonly<Record<string, unknown>>;

export interface GenerationOptions {
  readonly parts: InstanceParts;
  readonly plugin: Plugin;
  readonly config: Readonly<Record<string, unknown>>;
  readonly fault: (error: unknown, where: string) => void;
  readonly status: GenerationScope['status'];
  readonly deadlines: Deadlines;
}

/** One life of a plugin instance: setup → start → active → retired. A changed config makes a new one beside it. */
export class Generation {
  readonly #options: GenerationOptions;
  readonly #ends = new Disposer();
  readonly #controller = new AbortController();
  readonly #active = new Disposer();
  #implementation: AnyImplementation | undefined;
  #open = 0;
  #stopping = false;
  #idle: (() => void) | undefined;
  #ended: Promise<void> | undefined;

  constructor(options: GenerationOptions) {
    this.#options = options;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }
  get routes(): Readonly<Record<string, AnyHandler>> {
    return (this.#implementation?.routes ?? {}) as Readonly<Record<string, AnyHandler>>;
  }

  enter(): boolean {
    if (this.#stopping) return false;
    this.#open += 1;
    return true;
  }
  leave(): void {
    this.#open -= 1;
    if (this.#open === 0) this.#idle?.();
  }

  /** Rejects with what setup or start threw, after everything it had begun was ended. */
  async start(): Promise<void> {
    const { parts, plugin, deadlines, config, fault, status } = this.#options;
    const name = instanceKey(parts.ref);
    const scope: GenerationScope = { config, signal: this.signal, fault, status, onStop: (end) => this.#ends.add(end) };
    const late = (error: unknown) => fault(error, 'after its deadline');
    try {
      const setup = () => runAs(parts.ref, () => plugin.setup(buildContext(parts, scope)));
      this.#implementation = complete(parts.contract, await within(deadlines.setup, `setup of ${name}`, setup, late));
      const begin = this.#implementation.start?.bind(this.#implementation);
      if (begin) await within(deadlines.start, `start of ${name}`, () => runAs(parts.ref, begin), late);
    } catch (error) {
      this.#stopping = true;
      await this.#end();
      throw error;
    }
  }

  /** From here on others can call it: services, contributions, listeners and jobs, in this order. */
  async activate(): Promise<void> {
    const { parts, fault, config } = this.#options;
    const { contract, ref } = parts;
    const sections = (this.#implementation ?? {}) as Readonly<
      Record<string, Section & Readonly<Record<string, object>>>
    >;
    for (const [name, token] of Object.entries(contract.provides ?? {}))
      this.#active.add(parts.services.provide(ref, token.id, sections.provides![name]!));
    for (const [name, point] of Object.entries(contract.contributes ?? {}))
      this.#active.add(
        parts.extensions.contribute(
          ref,
          parts.title,
          point.id,
          'about' in point ? point.about : undefined,
          sections.contributes![name]!,
        ),
      );
    for (const [name, token] of Object.entries(
      (contract.listens ?? {}) as Record<string, EventToken<unknown, unknown>>,
    )) {
      const handle = sections.listens![name] as (payload: unknown, delivery: unknown) => void;
      const failed = (error: unknown) => fault(error, `listener ${name}`);
      this.#active.add(await parts.events.listen({ owner: ref, contract, name, token, handle, failed }));
    }
    for (const [name, def] of Object.entries((contract.jobs ?? {}) as Record<string, JobDef>)) {
      const run = sections.jobs![name] as (run: unknown) => void;
      const failed = (error: unknown) => fault(error, `job ${name}`);
      this.#active.add(await parts.jobs.define({ owner: ref, name, def, cron: cronOf(def, config), run, failed }));
    }
  }

  /** Takes no more calls, jobs and events; requests under way go on. */
  deactivate(): Promise<void> {
    return this.#active.dispose();
  }

  /** Ends when its open requests are answered, or a while later (`drain`) when its signal has fired; then the plugin's stop. */
  async retire(): Promise<void> {
    this.#stopping = true;
    if (this.#open > 0)
      await within(
        this.#options.deadlines.drain,
        'open requests',
        () => new Promise<void>((done) => (this.#idle = done)),
        () => undefined,
      ).catch(() => this.#options.parts.log.warn('requests were cut: they did not end in time', { open: this.#open }));
    await this.#end();
  }

  /** Once, however often it is asked for: a start that failed has ended by itself. */
  #end(): Promise<void> {
    return (this.#ended ??= this.#endNow());
  }

  async #endNow(): Promise<void> {
    const { parts, deadlines, fault } = this.#options;
    this.#controller.abort(new Error(`${instanceKey(parts.ref)} stops`));
    const stop = this.#implementation?.stop?.bind(this.#implementation);
    const end = async () => {
      try {
        if (stop) await runAs(parts.ref, stop);
      } finally {
        await runAs(parts.ref, () => this.#ends.dispose());
      }
    };
    try {
      await within(deadlines.stop, `stop of ${instanceKey(parts.ref)}`, end, (error) =>
        fault(error, 'stop, after its deadline'),
      );
    } catch (error) {
      fault(error, 'stop');
    }
  }
}

const SECTIONS = ['routes', 'jobs', 'listens', 'provides', 'contributes'] as const;

/** TypeScript says it first; a plugin written in JavaScript hears it here. */
function complete(contract: ContractDef, given: unknown): AnyImplementation {
  const implementation = given as AnyImplementation | undefined;
  for (const section of SECTIONS)
    for (const name of Object.keys(contract[section] ?? {}))
      if (!(implementation?.[section] as Section | undefined)?.[name])
        throw new TypeError(`setup returned no ${section}['${name}'], which the contract declares`);
  return implementation ?? ({} as AnyImplementation);
}

const cronOf = ({ cron }: JobDef, config: Readonly<Record<string, unknown>>): string | undefined =>
  typeof cron === 'object' ? String(config[cron.config]) : cron;
