import { randomBytes } from 'node:crypto';
import { configSchema, type ContractDef, jsonSchema, permissionId, problem } from '@revenge/sdk';
import type { Bus } from '../database/bus.ts';
import { type InstanceRef, instanceKey } from '../lifecycle/attribution.ts';
import { wholeOpenApi } from '../http/routes/whole-openapi.ts';
import { configFields, secretFields, validConfig } from './config-values.ts';
import type { PluginHost } from './host.ts';
import type { InstanceStore } from './instance-store.ts';
import { titleOf } from './plan.ts';
import type { ConfigForm, InstanceInfo, PluginAdmin } from './plugin-admin.ts';

type Values = Readonly<Record<string, unknown>>;

/** `/api/v1/plugins`, the start page and the CLI on one running host. */
export class HostAdmin implements PluginAdmin {
  readonly #host: PluginHost;
  readonly #store: InstanceStore;
  readonly #bus: Bus;
  readonly #info: { readonly title: string; readonly version: string };
  readonly #required: (plugin: string, byPackage: boolean) => boolean;
  constructor(deps: {
    readonly host: PluginHost;
    readonly store: InstanceStore;
    readonly bus: Bus;
    readonly info: { readonly title: string; readonly version: string };
    readonly required: readonly string[] | undefined;
  }) {
    this.#host = deps.host;
    this.#store = deps.store;
    this.#bus = deps.bus;
    this.#info = deps.info;
    this.#required = (plugin, byPackage) => deps.required?.includes(plugin) ?? byPackage;
  }

  list(): readonly InstanceInfo[] {
    const broken = this.#host.found.filter(({ contract }) => !contract);
    return [
      ...this.#host.all().map(({ id }) => this.#read(id)),
      ...broken.map((found) => ({
        id: found.package,
        plugin: found.package,
        instance: 'main',
        title: found.package,
        version: found.version,
        state: 'failed' as const,
        reason: `Its contract cannot be read: ${found.error instanceof Error ? found.error.message : String(found.error)}`,
        since: new Date().toISOString(),
        required: this.#required(found.package, found.required),
        notices: [],
        permissions: [],
      })),
    ];
  }

  /** Required ones that do not serve, in words: what readiness waits for. */
  unready(): readonly string[] {
    return this.list()
      .filter(({ required, state }) => required && state !== 'ready' && state !== 'degraded')
      .map(({ id, state, reason }) => `plugin ${id}: ${state}${reason ? `, ${reason}` : ''}`);
  }

  async configForm(id: string): Promise<ConfigForm> {
    const { contract, ref } = this.#find(id);
    const secrets = secretFields(contract);
    const given = this.#host.given(contract, ref);
    const all: Values = { ...this.#host.stored(id)?.config, ...given.values };
    return {
      schema: contract.config ? jsonSchema(configSchema(contract.config), 'input') : { type: 'object', properties: {} },
      values: Object.fromEntries(Object.entries(all).filter(([name]) => !secrets.includes(name))),
      locked: given.locked,
    };
  }

  async configure(id: string, values: Values): Promise<InstanceInfo> {
    const { contract, ref } = this.#find(id);
    const before = this.#host.stored(id)?.config ?? {};
    const given = this.#host.given(contract, ref);
    const held = Object.keys(values).filter((name) => given.locked[name] !== undefined);
    if (held.length)
      throw problem.invalid(
        ...held.map((name) => ({ path: name, message: `It is set by ${given.locked[name]}; change it there.` })),
      );
    refuseUnknown(contract, values);
    const kept = secretFields(contract).filter((name) => values[name] === undefined && before[name] !== undefined);
    const next = { ...values, ...Object.fromEntries(kept.map((name) => [name, before[name]])) };
    await validConfig(contract, { ...next, ...given.values });
    await this.#store.configure(ref, contract, next);
    return this.#apply(id);
  }

  async create(plugin: string, instance: string, values: Values): Promise<InstanceInfo> {
    const contract = this.#host.contracts.get(plugin);
    if (!contract) throw problem.notFound('plugin');
    if (contract.instances !== 'many')
      throw problem.conflict(
        `${titleOf(contract.title)} has one instance; its settings are at /api/v1/plugins/${plugin}/config.`,
      );
    if (!/^[a-z][a-z0-9-]{0,30}$/.test(instance))
      throw problem.invalid({
        path: 'instance',
        message: 'lower case letters, digits and dashes, a letter first, 31 at most',
      });
    refuseUnknown(contract, values);
    await validConfig(contract, values);
    await this.#store.create({ plugin, instance }, contract, values, randomBytes(32).toString('base64url'));
    await this.#host.reconcile();
    await this.#tell(instanceKey({ plugin, instance }));
    return this.#read(instanceKey({ plugin, instance }));
  }

  async remove(id: string): Promise<void> {
    const { contract, ref } = this.#find(id);
    if (contract.instances !== 'many') throw problem.conflict(`'${id}' cannot be removed, only disabled.`);
    await this.#store.remove(ref);
    await this.#host.reconcile();
    await this.#tell(id);
  }

  enable(id: string): Promise<InstanceInfo> {
    return this.#switch(id, true);
  }
  disable(id: string): Promise<InstanceInfo> {
    return this.#switch(id, false);
  }
  async restart(id: string): Promise<InstanceInfo> {
    await this.#store.touch(this.#find(id).ref);
    return this.#apply(id);
  }

  openapi(): Values {
    return wholeOpenApi([...this.#host.contracts.values()], this.#info);
  }

  async #switch(id: string, enabled: boolean): Promise<InstanceInfo> {
    await this.#store.touch(this.#find(id).ref, enabled);
    await this.#host.reconcile();
    await this.#tell(id);
    return this.#read(id);
  }

  /** Stored first, then applied here and told to the other nodes. What does not start leaves the running generation in place. */
  async #apply(id: string): Promise<InstanceInfo> {
    await this.#host.reconcile();
    const supervisor = this.#host.get(id)?.supervisor;
    if (supervisor && supervisor.status.state !== 'disabled' && supervisor.status.state !== 'blocked')
      await supervisor.replace().catch((error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        throw problem.conflict(`It is stored, but did not start with it, so the one before goes on: ${why}`);
      });
    await this.#tell(id);
    return this.#read(id);
  }

  #tell(id: string): Promise<void> {
    return this.#bus.publish('instances', id);
  }

  #find(id: string): { readonly contract: ContractDef; readonly ref: InstanceRef } {
    const supervisor = this.#host.get(id)?.supervisor;
    if (!supervisor) throw problem.notFound(`plugin '${id}'`);
    return { contract: supervisor.contract, ref: supervisor.ref };
  }

  #read(id: string): InstanceInfo {
    const hosted = this.#host.get(id);
    if (!hosted) throw problem.notFound(`plugin '${id}'`);
    const { supervisor, package: found } = hosted;
    const { contract, ref } = supervisor;
    return {
      id,
      plugin: ref.plugin,
      instance: ref.instance,
      title: titleOf(contract.title),
      version: found.version,
      state: supervisor.status.state,
      reason: supervisor.status.reason ?? null,
      since: supervisor.status.since.toISOString(),
      required: this.#required(ref.plugin, found.required),
      notices: supervisor.notices,
      permissions: Object.entries(contract.permissions ?? {}).map(([name, text]) => ({
        id: permissionId(ref.plugin, name),
        text: titleOf(text),
      })),
    };
  }
}

/** Schemas drop what they do not know; an operator who mistypes a name should hear of it. */
function refuseUnknown(contract: ContractDef, values: Values): void {
  const names = configFields(contract).map(({ name }) => name);
  const unknown = Object.keys(values).filter((name) => !names.includes(name));
  if (unknown.length)
    throw problem.invalid(
      ...unknown.map((path) => ({ path, message: `no such setting; there are: ${names.join(', ') || 'none'}` })),
    );
}
