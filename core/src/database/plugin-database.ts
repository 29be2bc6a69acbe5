import type { DataSource, EntityTarget, ObjectLiteral, Repository } from 'typeorm';
import type { Sql, SqlValue } from '@revenge/sdk';
import type { KernelLog } from '../log/log.ts';
import type { PluginDatabase, Tx } from './database.ts';
import { type Client, type DatabasePool, giveBack } from './pool.ts';
import { connectWithPath } from './search-path.ts';
import { bind, SqlTemplates } from './sql-template.ts';
import { run } from './statement.ts';
import { runTransaction } from './transaction.ts';
import { joinTransaction } from './typeorm-source.ts';

export interface SchemaDatabaseDeps {
  readonly plugin: string;
  readonly pool: DatabasePool;
  readonly log: KernelLog;
  readonly path: string;
  /** undefined: the plugin has no entities. */
  readonly source: DataSource | undefined;
}

/** One plugin's view of the shared pool: its schema, and public for extensions. */
export class SchemaDatabase implements PluginDatabase {
  readonly #deps: SchemaDatabaseDeps;
  readonly #templates: SqlTemplates;
  #closed = false;

  constructor(deps: SchemaDatabaseDeps) {
    this.#deps = deps;
    this.#templates = new SqlTemplates(deps.path);
  }

  async sql<Row extends object>(parts: TemplateStringsArray, ...values: readonly SqlValue[]): Promise<Row[]> {
    const { text, name } = this.#templates.statement(parts);
    return this.#once<Row>(text, bind(values, text), name);
  }

  async query<Row extends object>(text: string, values: readonly SqlValue[] = []): Promise<Row[]> {
    return this.#once<Row>(text, bind(values, text), undefined);
  }

  repository<E extends ObjectLiteral>(entity: EntityTarget<E>): Repository<E> {
    return this.#source().getRepository(entity);
  }

  transaction<T>(work: (tx: Sql, core: Tx) => Promise<T>): Promise<T> {
    this.#check();
    return runTransaction(this.#deps, this.#deps.path, async (core, client) => {
      const tx = new SchemaTransaction(core, client, this.#templates, () => this.#source());
      try {
        return await work(tx, core);
      } finally {
        tx.leave();
      }
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#deps.source?.destroy();
  }

  async #once<Row extends object>(text: string, values: unknown[], name: string | undefined): Promise<Row[]> {
    this.#check();
    const client = await connectWithPath(this.#deps.pool, this.#deps.path);
    try {
      return (await run<Row>(client, text, values, name)).rows;
    } finally {
      giveBack(client);
    }
  }

  #source(): DataSource {
    this.#check();
    if (!this.#deps.source)
      throw new Error(
        `plugin '${this.#deps.plugin}' has no entities: list them under database.entities in its contract`,
      );
    return this.#deps.source;
  }

  #check(): void {
    if (this.#closed)
      throw new Error(`the database of plugin '${this.#deps.plugin}' is closed: the plugin has stopped`);
  }
}

class SchemaTransaction implements Sql {
  #joined: ReturnType<typeof joinTransaction> | undefined;

  constructor(
    private readonly core: Tx,
    private readonly client: Client,
    private readonly templates: SqlTemplates,
    private readonly source: () => DataSource,
  ) {}

  async sql<Row extends object>(parts: TemplateStringsArray, ...values: readonly SqlValue[]): Promise<Row[]> {
    const { text, name } = this.templates.statement(parts);
    return this.core.query<Row>(text, bind(values, text), name);
  }

  async query<Row extends object>(text: string, values: readonly SqlValue[] = []): Promise<Row[]> {
    return this.core.query<Row>(text, bind(values, text));
  }

  repository<E extends ObjectLiteral>(entity: EntityTarget<E>): Repository<E> {
    this.#joined ??= joinTransaction(this.source(), this.client);
    return this.#joined.manager.getRepository(entity);
  }

  leave(): void {
    this.#joined?.leave();
  }
}
