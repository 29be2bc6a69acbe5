import type { Schema } from '../contract/schema.ts';
import { ContractError } from '../errors.ts';
import { type Json, jsonSchema } from './json-schema.ts';

type Side = 'input' | 'output';
interface Component {
  readonly json: Json;
  readonly where: string;
}
const PREFIX = '#/components/schemas/';
/** Never part of a component's final name. */
const INPUT = '~input';

/** Calls `rename` with each $ref and keeps what it answers. */
function mapRefs<T>(value: T, rename: (ref: string) => string): T {
  if (Array.isArray(value)) return value.map((each) => mapRefs(each, rename)) as T; // same shape, other references
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([k, v]) => [k, k === '$ref' && typeof v === 'string' ? rename(v) : mapRefs(v, rename)]),
  ) as T; // as above
}

/**
 * Named schemas (zod's `.meta({ id })`) of all contracts. What one takes in and gives out may differ (defaults): then `Movie` is what comes out
 * and `MovieInput` what goes in. Two different schemas of one name are refused.
 */
export class Components {
  readonly #found = new Map<string, Component>();

  /** The schema with its named parts moved here; `where` names a route and a part of it. `local` names what has no name. */
  use(schema: Schema, side: Side, where: string, local: string): Json {
    const { $defs = {}, ...root } = jsonSchema(schema, side, where) as Json & { $defs?: Record<string, Json> };
    const anonymous = (name: string): boolean => name.startsWith('__');
    const own = local.replace(/[^A-Za-z0-9_]+/g, '_');
    const key = (name: string): string =>
      (anonymous(name) ? `${own}${name.slice(1)}` : name) + (side === 'input' ? INPUT : '');
    const rename = (ref: string): string =>
      ref === '#' ? PREFIX + key('__self') : PREFIX + key(decodeURIComponent(ref.replace('#/$defs/', '')));
    for (const [name, json] of Object.entries($defs)) this.#put(key(name), { json: mapRefs(json, rename), where });
    const json = mapRefs(root, rename);
    if (!JSON.stringify(root).includes('"$ref":"#"')) return json;
    this.#put(key('__self'), { json, where }); // it contains itself, so it needs a name
    return { $ref: PREFIX + key('__self') };
  }

  /** Like `use` for parameters: the root itself, never a reference. */
  object(schema: Schema, where: string, local: string): { properties: Record<string, Json>; required: string[] } {
    let json = this.use(schema, 'input', where, local);
    if (typeof json.$ref === 'string') json = this.#found.get(json.$ref.slice(PREFIX.length))?.json ?? {};
    if (json.type !== 'object')
      throw new ContractError(`${where}: not an object; name each parameter in z.object({ … })`);
    const { properties = {}, required = [] } = json as { properties?: Record<string, Json>; required?: string[] };
    return { properties, required };
  }

  /** The document with final names, and its components. */
  finish<T>(document: T): { readonly document: T; readonly schemas: Json } {
    const differing = this.#differing();
    const final = (key: string): string => {
      if (!key.endsWith(INPUT)) return key;
      const name = key.slice(0, -INPUT.length);
      return differing.has(name) ? `${name}Input` : name;
    };
    const rename = (ref: string): string => (ref.startsWith(PREFIX) ? PREFIX + final(ref.slice(PREFIX.length)) : ref);
    const named = mapRefs(document, rename);
    const used = referenced(named, (name) => this.#final(name, final, rename));
    const schemas: Json = {};
    for (const [key, { json, where }] of [...this.#found].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const name = final(key);
      const next = mapRefs(json, rename);
      if (!used.has(name)) continue;
      if (name in schemas && !same(schemas[name], next)) throw clash(name, where, 'another schema of that name');
      schemas[name] = next;
    }
    return { document: named, schemas };
  }

  #final(name: string, final: (key: string) => string, rename: (ref: string) => string): Json | undefined {
    for (const [key, { json }] of this.#found) if (final(key) === name) return mapRefs(json, rename);
    return undefined;
  }

  #put(key: string, component: Component): void {
    const known = this.#found.get(key);
    if (!known) this.#found.set(key, component);
    else if (!same(known.json, component.json)) throw clash(key.replace(INPUT, ''), component.where, known.where);
  }

  /** Names whose two sides differ, by themselves or by what they refer to. */
  #differing(): Set<string> {
    const plain = (json: Json): Json => mapRefs(json, (ref) => ref.replace(INPUT, ''));
    const both = [...this.#found.keys()].filter((key) => !key.endsWith(INPUT) && this.#found.has(key + INPUT));
    const json = (key: string): Json => this.#found.get(key)?.json ?? {};
    const differ = new Set(both.filter((name) => !same(plain(json(name)), plain(json(name + INPUT)))));
    for (let size = -1; size !== differ.size;) {
      size = differ.size;
      for (const name of both)
        mapRefs(json(name + INPUT), (ref) => {
          if (differ.has(ref.slice(PREFIX.length).replace(INPUT, ''))) differ.add(name);
          return ref;
        });
    }
    return differ;
  }
}

const sorted = (value: unknown): unknown =>
  typeof value !== 'object' || value === null
    ? value
    : Array.isArray(value)
      ? value.map(sorted)
      : Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([k, v]) => [k, sorted(v)]),
        );
const same = (a: unknown, b: unknown): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
const clash = (name: string, here: string, there: string): ContractError =>
  new ContractError(`${here}: its schema '${name}' is not that of ${there}; give one of them another .meta({ id })`);

/** Every component the document reaches. */
function referenced(document: unknown, lookup: (name: string) => Json | undefined): Set<string> {
  const reached = new Set<string>();
  const visit = (value: unknown): void => {
    mapRefs(value, (ref) => {
      const name = ref.startsWith(PREFIX) ? ref.slice(PREFIX.length) : undefined;
      if (name !== undefined && !reached.has(name)) {
        reached.add(name);
        visit(lookup(name));
      }
      return ref;
    });
  };
  visit(document);
  return reached;
}
