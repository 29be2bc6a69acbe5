import { randomBytes } from 'node:crypto';
import type { Container } from 'inversify';
import { type Authenticator, Authenticator as AuthenticatorToken, type ContractDef, type Notice } from '@revenge/sdk';
import type { Authenticators } from '../access/access-control.ts';
import type { RouteTable } from '../http/mount.ts';
import { type InstanceRef, instanceKey } from '../lifecycle/attribution.ts';
import type { PluginDatabase } from '../database/database.ts';
import { T } from '../tokens.ts';
import { type Given, givenFor } from './config-values.ts';
import type { Discovered } from './discover.ts';
import { givenInstances, turnedOff } from './given-instances.ts';
import { type Hosted, hostInstance } from './hosted-instance.ts';
import { type InstanceStore, type StoredInstance } from './instance-store.ts';
import type { InstanceState } from './plugin-admin.ts';
import { type Plan, plan, type Planned, titleOf } from './plan.ts';

export interface HostOptions {
  readonly found: readonly Discovered[];
  /** What the command line says for fields that contracts marked as flags. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly sdkVersion: string;
  readonly store: InstanceStore;
  readonly mount: (table: RouteTable) => void;
  /** Prints a notice to the operator's terminal. */
  readonly show: (ref: InstanceRef, notice: Notice) => void;
  /** Tells the operator's terminal how an instance is now. */
  readonly changed: (id: string, state: InstanceState, reason: string | undefined) => void;
}

/** discover → plan → start → mount, and back down in reverse. Knows contracts and states, and no plugin by name. */
export class PluginHost implements Authenticators {
  readonly #kernel: Container;
  readonly #o: HostOptions;
  readonly #hosted = new Map<string, Hosted>();
  readonly #databases = new Map<string, Promise<PluginDatabase>>();
  readonly #stored = new Map<string, StoredInstance>();
  /** The revision of the settings that each instance was last built with. */
  readonly #applied = new Map<string, number | undefined>();
  #plan: Plan = { waves: [], blocked: [] };
  #mounted = '';
  #generations = new WeakMap<object, number>();
  #count = 0;
  #started = false;
  #stopping = false;
  #reconciling: Promise<void> = Promise.resolve();

  constructor(kernel: Container, options: HostOptions) {
    this.#kernel = kernel;
    this.#o = options;
  }

  get contracts(): ReadonlyMap<string, ContractDef> {
    return new Map(this.#o.found.flatMap(({ contract }) => (contract ? [[contract.id, contract] as const] : [])));
  }
  get found(): readonly Discovered[] {
    return this.#o.found;
  }
  all(): readonly (Hosted & { readonly id: string })[] {
    return [...this.#hosted].map(([id, hosted]) => ({ id, ...hosted }));
  }
  get(id: string): Hosted | undefined {
    return this.#hosted.get(id);
  }
  stored(id: string): StoredInstance | undefined {
    return this.#stored.get(id);
  }

  current(): Authenticator | undefined {
    return this.#kernel.get(T.Services).current<Authenticator>(AuthenticatorToken.id);
  }

  /** Ends when every plugin that could be started was tried once. Rejects only for mistakes in the configuration. */
  async boot(): Promise<void> {
    for (const contract of this.contracts.values())
      givenFor(contract, { plugin: contract.id, instance: 'main' }, this.#given(), this.#o.flags);
    await this.reconcile();
    this.#started = true;
    await this.#startBlocked(); // their provider may have become ready while later waves were tried
    this.#kernel.get(T.Bus).on('instances', () => void this.#follow());
    this.#kernel.get(T.Bus).onReconnect(() => void this.#follow());
  }

  /** Reads what is stored, plans anew, and starts or stops what differs. One at a time: an administrator here and another node may both ask. */
  reconcile(): Promise<void> {
    const next = this.#reconciling.then(() => this.#reconcileNow());
    this.#reconciling = next.catch(() => undefined); // the caller of `next` hears of it
    return next;
  }

  async #reconcileNow(): Promise<void> {
    const planned = await this.#planned();
    this.#plan = plan([...this.contracts.values()], planned, this.#o.sdkVersion);
    for (const each of planned) this.#host(each);
    const wanted = new Set(planned.map(instanceKey));
    for (const [id, hosted] of this.#hosted) if (!wanted.has(id)) await this.#drop(id, hosted);
    for (const each of planned) if (!each.enabled) await this.#turnOff(instanceKey(each));
    for (const { id, text } of this.#plan.blocked)
      if (!this.#hosted.get(id)?.supervisor.status.serving) this.#hosted.get(id)?.supervisor.status.to('blocked', text);
    for (const wave of this.#plan.waves) await Promise.all(wave.map((id) => this.#startWhenMet(id)));
    this.remount();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    for (const wave of this.#plan.waves.toReversed())
      await Promise.all(wave.map((id) => this.#hosted.get(id)?.supervisor.stop()));
    for (const { end } of this.#hosted.values()) end();
    for (const database of this.#databases.values()) await (await database).close();
  }

  /** An error outside any call: put to the instance whose code it was. false: nobody's. */
  fault(ref: InstanceRef | undefined, error: unknown): boolean {
    const hosted = ref && this.#hosted.get(instanceKey(ref));
    hosted?.supervisor.fault(error, 'code that nobody awaited');
    return hosted !== undefined;
  }

  given(contract: ContractDef, ref: InstanceRef): Given {
    return givenFor(contract, ref, this.#given(), this.#o.flags);
  }

  /** Mounts a new table when an instance began or ceased to serve, or serves with a new generation. */
  remount(): void {
    const instances = [...this.#hosted.values()]
      .filter(
        ({ supervisor }) =>
          !this.#plan.blocked.some(({ id, why }) => why === 'conflict' && id === instanceKey(supervisor.ref)),
      )
      .map(({ supervisor }) => supervisor.mounted());
    const key = instances
      .map((mounted) => `${instanceKey(mounted.ref)}=${mounted.routes ? this.#number(mounted.signal) : ''}`)
      .join();
    if (key === this.#mounted) return;
    this.#mounted = key;
    this.#o.mount({ instances });
  }

  #number(generation: object): number {
    let number = this.#generations.get(generation);
    if (number === undefined) this.#generations.set(generation, (number = this.#count += 1));
    return number;
  }

  #given() {
    return this.#kernel.get(T.Config).given;
  }

  /** One instance of each single plugin; of the others, those that are stored or given. */
  async #planned(): Promise<readonly Planned[]> {
    const { contracts } = this;
    const refs = [...contracts.values()].flatMap((contract) => givenInstances(contract, this.#given()));
    for (const ref of refs) await this.#o.store.ensure(ref, randomBytes(32).toString('base64url'));
    this.#stored.clear();
    const planned: Planned[] = [];
    for (const stored of await this.#o.store.all(contracts)) {
      if (!contracts.has(stored.plugin)) continue;
      this.#stored.set(instanceKey(stored), stored);
      planned.push({
        plugin: stored.plugin,
        instance: stored.instance,
        enabled: stored.enabled && !turnedOff(stored, this.#given()),
      });
    }
    return planned;
  }

  #host(ref: InstanceRef): void {
    const id = instanceKey(ref);
    const found = this.#o.found.find(({ contract }) => contract?.id === ref.plugin);
    if (this.#hosted.has(id) || !found?.contract) return;
    const hosted = hostInstance(found, found.contract, ref, {
      kernel: this.#kernel,
      settings: (contract) => {
        const stored = this.#stored.get(id);
        this.#applied.set(id, stored?.revision);
        return { ...stored?.config, ...this.given(contract, ref).values };
      },
      webhookSecret: () => this.#stored.get(id)?.webhookSecret,
      database: (contract) => this.#database(contract),
      show: this.#o.show,
      changed: () => this.#changed(id),
    });
    this.#hosted.set(id, hosted);
  }

  /** One for all instances and generations of a plugin; a failed opening is tried again at the next start. */
  async #database(contract: ContractDef): Promise<PluginDatabase> {
    let opening = this.#databases.get(contract.id);
    if (!opening) {
      opening = this.#kernel.get(T.PluginDatabases).open(contract);
      this.#databases.set(contract.id, opening);
      opening.catch(() => this.#databases.delete(contract.id));
    }
    return opening;
  }

  async #startWhenMet(id: string): Promise<void> {
    const supervisor = this.#hosted.get(id)?.supervisor;
    if (!supervisor || supervisor.status.serving || this.#stopping) return;
    const missing = Object.values(supervisor.contract.needs ?? {}).filter(
      (need) => need.kind === 'service' && !this.#kernel.get(T.Services).has(need.id),
    );
    if (!missing.length) return supervisor.start();
    const providers = missing.map(({ id: token }) => this.#providerOf(token) ?? token);
    supervisor.status.to('blocked', `It waits for ${[...new Set(providers)].join(' and ')}.`);
  }

  #providerOf(token: string): string | undefined {
    const name = token.split('@')[0];
    const provider = [...this.#hosted.values()].find(({ supervisor: { contract } }) =>
      Object.values(contract.provides ?? {}).some(({ id }) => id.split('@')[0] === name),
    );
    return provider && titleOf(provider.supervisor.contract.title);
  }

  #changed(id: string): void {
    this.remount();
    const now = this.#hosted.get(id)?.supervisor;
    if (now) this.#o.changed(id, now.status.state, now.status.reason);
    if (!this.#started || this.#stopping || !this.#hosted.get(id)?.supervisor.status.serving) return;
    void this.#startBlocked();
  }

  async #startBlocked(): Promise<void> {
    for (const id of this.#plan.waves.flat())
      if (this.#hosted.get(id)?.supervisor.status.state === 'blocked') await this.#startWhenMet(id);
  }

  async #turnOff(id: string): Promise<void> {
    const supervisor = this.#hosted.get(id)?.supervisor;
    if (supervisor && supervisor.status.state !== 'disabled') await supervisor.stop('disabled');
  }

  async #drop(id: string, { supervisor, end }: Hosted): Promise<void> {
    await supervisor.stop('disabled');
    end();
    this.#hosted.delete(id);
  }

  /** Another node changed an instance: what has a newer revision is rebuilt here too. */
  async #follow(): Promise<void> {
    if (this.#stopping) return;
    try {
      await this.reconcile();
      for (const [id, { revision }] of this.#stored) {
        const supervisor = this.#hosted.get(id)?.supervisor;
        if (supervisor?.status.serving && this.#applied.get(id) !== revision) await supervisor.replace();
      }
    } catch (error) {
      this.#kernel.get(T.Log).error(error instanceof Error ? error : new Error(String(error)), {
        where: 'following a change of another node',
      });
    }
  }
}
