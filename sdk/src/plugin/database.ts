import type { EntityTarget, ObjectLiteral, Repository } from 'typeorm';
import type { Part } from '../contract/schema.ts';
import type { EventToken } from '../contract/token.ts';
import type { Emitter, JobInput, Queue } from './job-run.ts';

/** What a placeholder takes. An object goes in as `json(value)`; undefined is NULL. */
export type SqlValue =
  | string
  | number
  | bigint
  | boolean
  | Date
  | Uint8Array
  | null
  | undefined
  | SqlJson
  | readonly SqlValue[];
/** A value bound as JSON. */
export interface SqlJson {
  readonly '~json': unknown;
}
/** Binds a value as JSON. */
export const json = (value: unknown): SqlJson => ({ '~json': value });
/** Statements on this plugin's own schema. */
export interface Sql {
  /** sql<Row>`select … where id = ${id}`: values are bound, the statement is prepared once per connection. */
  sql<Row extends object>(text: TemplateStringsArray, ...values: readonly SqlValue[]): Promise<Row[]>;
  /** For SQL put together at run time. */
  query<Row extends object>(text: string, values?: readonly SqlValue[]): Promise<Row[]>;
  repository<E extends ObjectLiteral>(entity: EntityTarget<E>): Repository<E>;
}
/** This plugin's own schema is the search path: no prefix in SQL, entities or migrations. */
export interface Database<C> extends Sql {
  /** Rolls back on a throw; `work` may run again after a serialisation failure or deadlock, so nothing but tx belongs in it. No nesting. */
  transaction<T>(work: (tx: Transaction<C>) => Promise<T>): Promise<T>;
}
/** Events and jobs given here leave after commit, or never. */
export interface Transaction<C> extends Sql {
  readonly events: Emitters<C>;
  readonly jobs: { readonly [K in keyof Part<C, 'jobs'>]: Queue<JobInput<Part<C, 'jobs'>[K]>> };
}
/** The events a contract emits. */
export type Emitters<C> = {
  // oxlint-disable-next-line typescript/no-explicit-any -- matches any type here; the other is inferred
  readonly [K in keyof Part<C, 'emits'>]: Emitter<Part<C, 'emits'>[K] extends EventToken<infer I, any> ? I : never>;
};
