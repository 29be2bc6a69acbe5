import { satisfies } from 'semver';
import { type ContractDef, metricName, routePath, type TokenId } from '@revenge/sdk';
import { instanceKey, type InstanceRef } from '../lifecycle/attribution.ts';

export type BlockedWhy = 'unknown-plugin' | 'sdk' | 'missing' | 'version' | 'conflict' | 'cycle' | 'waits' | 'import';
export interface Blocked {
  readonly id: string;
  readonly why: BlockedWhy;
  /** A sentence with the culprit in it. */
  readonly text: string;
}
export interface Plan {
  /** Ids of instances; those of one wave may start side by side, after the waves before. */
  readonly waves: readonly (readonly string[])[];
  readonly blocked: readonly Blocked[];
}
export interface Planned extends InstanceRef {
  readonly enabled: boolean;
}

const parse = (id: TokenId) => {
  const [name = '', version = ''] = id.split('@');
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return { name, major, minor };
};
const serves = (has: TokenId, wants: TokenId): boolean => {
  const [h, w] = [parse(has), parse(wants)];
  return h.major === w.major && h.minor >= w.minor;
};
export const titleOf = (text: ContractDef['title']): string => (typeof text === 'string' ? text : text.en);

/** What starts in which order, and what does not and why: pure, so that the CLI, the admin page and the kernel agree. */
export function plan(contracts: readonly ContractDef[], instances: readonly Planned[], sdkVersion: string): Plan {
  const draft = new Draft();
  const byId = new Map(contracts.map((contract) => [contract.id, contract]));
  for (const planned of instances) {
    if (!planned.enabled) continue;
    const id = instanceKey(planned);
    const contract = byId.get(planned.plugin);
    if (!contract) draft.block(id, 'unknown-plugin', `No plugin '${planned.plugin}' is installed.`);
    else if (!satisfies(sdkVersion, contract.sdk))
      draft.block(
        id,
        'sdk',
        `${titleOf(contract.title)} wants SDK ${contract.sdk}; this server has ${sdkVersion}. Install a version made for it.`,
      );
    else draft.live.set(id, { contract, ref: planned });
  }
  const providers = claimProviders(draft);
  claimRoutes(draft);
  claimMetrics(draft);
  blockUnmet(draft, providers);
  return { waves: layOut(draft, providers), blocked: [...draft.blocked.values()] };
}

interface Live {
  readonly contract: ContractDef;
  readonly ref: InstanceRef;
}
class Draft {
  readonly live = new Map<string, Live>();
  readonly blocked = new Map<string, Blocked>();
  block(id: string, why: BlockedWhy, text: string): void {
    this.blocked.set(id, { id, why, text });
    this.live.delete(id);
  }
}
interface Provider {
  readonly id: string;
  readonly token: TokenId;
}

function claimProviders(draft: Draft): Map<string, Provider> {
  const providers = new Map<string, Provider>();
  for (const [id, { contract }] of draft.live)
    for (const { id: token } of Object.values(contract.provides ?? {})) {
      const first = providers.get(parse(token).name);
      if (first)
        draft.block(
          id,
          'conflict',
          `${first.id} already provides ${token}; a service has one provider. Disable one of the two.`,
        );
      else providers.set(parse(token).name, { id, token });
    }
  return providers;
}

/** Webhooks of one plugin may share a path: the secret says which instance is meant. */
function claimRoutes(draft: Draft): void {
  const claimed = new Map<string, string>();
  for (const [id, { contract, ref }] of draft.live)
    for (const [key, route] of Object.entries(contract.routes ?? {})) {
      const claim = routePath(contract, key, ref.instance).replace(/[:*][^/]+/g, (part) => part[0]!);
      const first = claimed.get(claim);
      if (first && !(route.access === 'webhook' && draft.live.get(first)?.contract === contract)) {
        draft.block(id, 'conflict', `${first} already answers ${claim}. Disable one of the two.`);
        break;
      }
      claimed.set(claim, first ?? id);
    }
}

function claimMetrics(draft: Draft): void {
  const claimed = new Map<string, { readonly id: string; readonly contract: ContractDef }>();
  for (const [id, { contract }] of draft.live)
    for (const [key, metric] of Object.entries(contract.metrics ?? {})) {
      const name = metricName(contract.id, key, metric);
      const first = claimed.get(name);
      if (first && first.contract !== contract) {
        draft.block(id, 'conflict', `${first.id} already has the metric ${name}.`);
        break;
      }
      claimed.set(name, { id, contract });
    }
}

const needsOf = ({ contract }: Live, providers: ReadonlyMap<string, Provider>) =>
  Object.values(contract.needs ?? {}).map((need) => ({ need, provider: providers.get(parse(need.id).name) }));

/** A blocked provider blocks who needs it, and so on. */
function blockUnmet(draft: Draft, providers: ReadonlyMap<string, Provider>): void {
  for (let changed = true; changed;) {
    changed = false;
    for (const [id, live] of draft.live)
      for (const { need, provider } of needsOf(live, providers)) {
        if (need.kind !== 'service' || !draft.live.has(id)) continue;
        const unmet = !provider
          ? (['missing', `Nothing installed provides ${need.id}. Install or enable a plugin that does.`] as const)
          : !serves(provider.token, need.id)
            ? ([
                'version',
                `It needs ${need.id}; ${provider.id} provides ${provider.token}. Update the older of the two.`,
              ] as const)
            : !draft.live.has(provider.id)
              ? (['waits', `It waits for ${provider.id}.`] as const)
              : undefined;
        if (!unmet) continue;
        draft.block(id, unmet[0], unmet[1]);
        changed = true;
      }
  }
}

/** Optional needs order too, as long as their provider lives and it makes no cycle. */
function layOut(draft: Draft, providers: ReadonlyMap<string, Provider>): string[][] {
  const waves: string[][] = [];
  const done = new Set<string>();
  while (done.size < draft.live.size) {
    const open = [...draft.live].filter(([id]) => !done.has(id));
    const ready = (kinds: readonly string[]) =>
      open
        .filter(([id, live]) =>
          needsOf(live, providers).every(
            ({ need, provider }) =>
              !kinds.includes(need.kind) ||
              !provider ||
              !draft.live.has(provider.id) ||
              provider.id === id ||
              done.has(provider.id),
          ),
        )
        .map(([id]) => id)
        .sort();
    let wave = ready(['service', 'optional']);
    if (!wave.length) wave = ready(['service']);
    if (!wave.length) {
      const left = open.map(([id]) => id);
      for (const id of left) draft.block(id, 'cycle', `In or behind a cycle of needs: ${left.join(', ')}.`);
      break;
    }
    for (const id of wave) done.add(id);
    waves.push(wave);
  }
  return waves;
}
