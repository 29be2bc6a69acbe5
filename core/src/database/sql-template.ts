import { createHash } from 'node:crypto';
import type { SqlJson, SqlValue } from '@revenge/sdk';

/** A server keeps each on every connection: beyond this, statements run unprepared. */
const MOST_NAMES = 1_000;

/** sql`…` of one plugin: what pg wants of it. */
export class SqlTemplates {
  /** One call site is one array, so its text is put together once. */
  readonly #known = new WeakMap<TemplateStringsArray, { readonly text: string; readonly name: string | undefined }>();
  readonly #names = new Set<string>();
  readonly #schema: string;

  /** Two plugins' equal texts mean different tables: a name is of one schema. */
  constructor(schema: string) {
    this.#schema = schema;
  }

  statement(parts: TemplateStringsArray): { readonly text: string; readonly name: string | undefined } {
    let known = this.#known.get(parts);
    if (!known) {
      const text = parts.reduce((sql, part, i) => `${sql}$${i}${part}`);
      known = { text, name: this.#nameOf(text) };
      this.#known.set(parts, known);
    }
    return known;
  }

  #nameOf(text: string): string | undefined {
    const name = `sql_${createHash('sha1').update(`${this.#schema}\n${text}`).digest('hex')}`;
    if (this.#names.size >= MOST_NAMES && !this.#names.has(name)) return undefined;
    this.#names.add(name);
    return name;
  }
}

/** Values as pg sends them. An object is refused: pg would turn it into JSON here and into rubbish there. */
export const bind = (values: readonly SqlValue[], text: string): unknown[] =>
  values.map((value, i) =>
    bindOne(value, () => `$${i + 1} of \`${text.replaceAll(/\s+/g, ' ').trim().slice(0, 120)}\``),
  );

function bindOne(value: SqlValue, where: () => string): unknown {
  if (value === undefined || value === null) return null;
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return value;
    case 'bigint':
      return value.toString();
    case 'object':
      break;
    default:
      throw new TypeError(`a ${typeof value} cannot be a value of SQL: ${where()}`);
  }
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw new TypeError(`an invalid Date cannot be a value of SQL: ${where()}`);
    return value;
  }
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (Array.isArray(value)) return value.map((each: SqlValue) => bindOne(each, where));
  if (isJson(value)) return JSON.stringify(value['~json']) ?? null;
  throw new TypeError(`an object cannot be a value of SQL: write json(value) for a json column; ${where()}`);
}

const isJson = (value: object): value is SqlJson => '~json' in value;
