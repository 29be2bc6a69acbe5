import type { CoreMigration } from '../database/core-migration.ts';
import type { CoreDatabase } from '../database/database.ts';
import { type ContractDef, problem } from '@revenge/sdk';
import type { InstanceRef } from '../lifecycle/attribution.ts';
import type { SecretBox } from '../secrets/secret-box.ts';
import { secretFields } from './config-values.ts';

export const instanceMigrations: readonly CoreMigration[] = [
  {
    name: '2026112401-plugins-instances',
    up: `
      create table core.instances (
        plugin text not null,
        instance text not null,
        enabled boolean not null default true,
        config jsonb not null default '{}',
        config_version integer not null default 1,
        revision bigint not null default 1,
        webhook_secret text,
        updated_at timestamptz not null default now(),
        primary key (plugin, instance)
      );
      create table core.settings (name text primary key, value text not null);`,
  },
];

export interface StoredInstance extends InstanceRef {
  readonly enabled: boolean;
  /** Secrets opened. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly revision: number;
  readonly webhookSecret: string | undefined;
}
interface Row {
  readonly plugin: string;
  readonly instance: string;
  readonly enabled: boolean;
  readonly config: Readonly<Record<string, unknown>>;
  readonly config_version: number;
  readonly revision: number;
  readonly webhook_secret: string | null;
}
const COLUMNS = 'plugin, instance, enabled, config, config_version, revision::float8 as revision, webhook_secret';

/** What operators set: which instances there are, whether they run, and their settings with secrets sealed. */
export class InstanceStore {
  readonly #db: CoreDatabase;
  readonly #box: SecretBox;
  constructor(db: CoreDatabase, box: SecretBox) {
    this.#db = db;
    this.#box = box;
  }

  async all(contracts: ReadonlyMap<string, ContractDef>): Promise<readonly StoredInstance[]> {
    const rows = await this.#db.query<Row>(`select ${COLUMNS} from core.instances order by plugin, instance`);
    return rows.map((row) => this.#open(row, contracts.get(row.plugin)));
  }

  /** Makes the row when it is not there; a webhook's secret is made with it. */
  async ensure(ref: InstanceRef, webhookSecret: string): Promise<void> {
    await this.#db.execute(
      `insert into core.instances (plugin, instance, webhook_secret) values ($1, $2, $3) on conflict (plugin, instance) do nothing`,
      [ref.plugin, ref.instance, this.#box.seal(webhookSecret)],
    );
  }

  /** Problem 409 when it exists. */
  async create(
    ref: InstanceRef,
    contract: ContractDef,
    values: Readonly<Record<string, unknown>>,
    webhookSecret: string,
  ): Promise<void> {
    const made = await this.#db.execute(
      `insert into core.instances (plugin, instance, config, config_version, webhook_secret) values ($1, $2, $3, $4, $5) on conflict do nothing`,
      [
        ref.plugin,
        ref.instance,
        JSON.stringify(this.#seal(contract, values)),
        versionOf(contract),
        this.#box.seal(webhookSecret),
      ],
    );
    if (!made) throw problem.conflict(`There is already an instance '${ref.instance}' of ${ref.plugin}.`);
  }

  async configure(ref: InstanceRef, contract: ContractDef, values: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#db.execute(
      `update core.instances set config = $3, config_version = $4, revision = revision + 1, updated_at = now() where plugin = $1 and instance = $2`,
      [ref.plugin, ref.instance, JSON.stringify(this.#seal(contract, values)), versionOf(contract)],
    );
  }

  /** A changed revision is what other nodes follow; a restart is one too. */
  async touch(ref: InstanceRef, enabled?: boolean): Promise<void> {
    await this.#db.execute(
      `update core.instances set enabled = coalesce($3, enabled), revision = revision + 1, updated_at = now() where plugin = $1 and instance = $2`,
      [ref.plugin, ref.instance, enabled ?? null],
    );
  }

  async remove(ref: InstanceRef): Promise<void> {
    await this.#db.execute(`delete from core.instances where plugin = $1 and instance = $2`, [
      ref.plugin,
      ref.instance,
    ]);
  }

  /** Keeps a value of the whole cluster; the first one that is kept wins and is answered. */
  async settle(name: string, value: string): Promise<string> {
    await this.#db.execute(`insert into core.settings (name, value) values ($1, $2) on conflict do nothing`, [
      name,
      value,
    ]);
    const [row] = await this.#db.query<{ value: string }>(`select value from core.settings where name = $1`, [name]);
    return row?.value ?? value;
  }

  #seal(contract: ContractDef, values: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const secrets = secretFields(contract);
    return Object.fromEntries(
      Object.entries(values).map(([name, value]) => [
        name,
        secrets.includes(name) && value !== undefined ? { $sealed: this.#box.seal(JSON.stringify(value)) } : value,
      ]),
    );
  }

  #open(row: Row, contract: ContractDef | undefined): StoredInstance {
    const config = Object.fromEntries(
      Object.entries(row.config).map(([name, value]) => {
        const sealed = (value as { $sealed?: string } | null)?.$sealed;
        return [name, sealed === undefined ? value : (JSON.parse(this.#box.open(sealed)) as unknown)];
      }),
    );
    return {
      plugin: row.plugin,
      instance: row.instance,
      enabled: row.enabled,
      config: contract ? migrated(contract, config, row.config_version) : config,
      revision: row.revision,
      webhookSecret: row.webhook_secret === null ? undefined : this.#box.open(row.webhook_secret),
    };
  }
}

const versionOf = ({ config }: ContractDef): number =>
  config && 'version' in config && typeof config.version === 'number' ? config.version : 1;

/** Step by step from the stored version to the contract's; what is newer than the contract is left for its schema to judge. */
function migrated(contract: ContractDef, config: Record<string, unknown>, from: number): Record<string, unknown> {
  const steps = contract.config && 'migrate' in contract.config ? contract.config.migrate : {};
  let values = config;
  for (let version = from; version < versionOf(contract); version += 1) values = steps[version]?.(values) ?? values;
  return values;
}
