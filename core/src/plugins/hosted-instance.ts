import type { Container } from 'inversify';
import type { ContractDef, Notice } from '@revenge/sdk';
import type { PluginDatabase } from '../database/database.ts';
import { type InstanceRef, instanceKey } from '../lifecycle/attribution.ts';
import type { BoundCounter } from '../metrics/metrics.ts';
import { T } from '../tokens.ts';
import { secretFields, validConfig } from './config-values.ts';
import type { Discovered } from './discover.ts';
import { instanceContainer } from './instance-container.ts';
import { Notices } from './notices.ts';
import { Supervisor } from './supervisor.ts';

/** One instance on this node: who keeps it running, and what ends with it. */
export interface Hosted {
  readonly supervisor: Supervisor;
  readonly package: Discovered;
  end(): void;
}
export interface HostedDeps {
  readonly kernel: Container;
  /** Stored settings with those of file, environment and flags over them; not validated. */
  readonly settings: (contract: ContractDef, ref: InstanceRef) => Readonly<Record<string, unknown>>;
  readonly webhookSecret: (ref: InstanceRef) => string | undefined;
  readonly database: (contract: ContractDef) => Promise<PluginDatabase>;
  readonly show: (ref: InstanceRef, notice: Notice) => void;
  readonly changed: (id: string) => void;
}

/** Builds what one instance needs, each part at its first start; a part that failed is tried again at the next. */
export function hostInstance(found: Discovered, contract: ContractDef, ref: InstanceRef, deps: HostedDeps): Hosted {
  const { kernel } = deps;
  const { data, deadlines } = kernel.get(T.Config);
  const log = kernel.get(T.Log).child({ plugin: ref.plugin, plugin_instance: ref.instance });
  if (found.from === 'installed' || contract.isolation === 'worker')
    log.warn('runs inside the server: what blocks its thread blocks all; the worker tier is not built yet');
  const controller = new AbortController();
  const errors = errorsOf(kernel, ref);
  let container: ReturnType<typeof instanceContainer> | undefined;
  const supervisor: Supervisor = new Supervisor({
    ref,
    contract,
    log,
    deadlines,
    load: found.load,
    config: async () => {
      const config = await validConfig(contract, deps.settings(contract, ref));
      log.child(
        {},
        secretFields(contract).flatMap((name) => (typeof config[name] === 'string' ? [config[name]] : [])),
      );
      return config;
    },
    parts: async () => {
      const db = contract.database && (await deps.database(contract));
      container ??= instanceContainer(kernel, {
        ref,
        contract,
        log,
        db,
        fresh: true,
        signal: controller.signal,
        degraded: (host, reason) => supervisor.status.degrade(`host:${host}`, reason),
        recovered: (host) => supervisor.status.recover(`host:${host}`),
      });
      return container.parts;
    },
    webhookSecret: () => deps.webhookSecret(ref),
    notices: new Notices(data, (notice) => deps.show(ref, notice)),
    say: (text) => deps.show(ref, { text }),
    changed: () => deps.changed(instanceKey(ref)),
    counted: () => errors.inc(),
  });
  const end = () => {
    controller.abort();
    container?.end();
  };
  return { supervisor, package: found, end };
}

const errorsOf = (kernel: Container, { plugin, instance }: InstanceRef): BoundCounter =>
  kernel
    .get(T.Metrics)
    .counter({
      name: 'revenge_plugin_errors_total',
      help: 'Errors of a plugin that no caller was told of',
      labels: ['plugin', 'plugin_instance'],
    })
    .bind(plugin, instance);
