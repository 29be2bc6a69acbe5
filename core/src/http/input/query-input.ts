import { parse } from 'node:querystring';
import { jsonSchema, problem, type Schema } from '@revenge/sdk';

/** More names than any route declares: parsing stops there. */
const MOST_NAMES = 500;

type Shape = 'one' | 'many';

/** Reads a query string for one schema: names it does not declare are left out, one given once becomes a list where it wants one. */
export class QueryInput {
  #shapes: ReadonlyMap<string, Shape> | undefined;

  constructor(readonly schema: Schema) {}

  read(search: string): Record<string, unknown> {
    const shapes = (this.#shapes ??= shapesOf(this.schema));
    const value: Record<string, unknown> = {};
    if (search === '') return value;
    if (!/[%+]/.test(search)) return readPlain(search, shapes, value);
    if (search.includes('%00')) throw problem.badRequest('The query holds a NUL character.');
    const given = parse(search, '&', '=', { maxKeys: MOST_NAMES });
    for (const [name, shape] of shapes) {
      const raw = given[name];
      if (raw === undefined) continue;
      if (shape === 'many') value[name] = Array.isArray(raw) ? raw : [raw];
      else value[name] = Array.isArray(raw) ? raw[0] : raw;
    }
    return value;
  }
}

/** What needs no decoding is taken as it stands, declared names alone. */
function readPlain(
  search: string,
  shapes: ReadonlyMap<string, Shape>,
  value: Record<string, unknown>,
): Record<string, unknown> {
  let from = 0;
  for (let pairs = 0; from <= search.length && pairs < MOST_NAMES; pairs++) {
    const amp = search.indexOf('&', from);
    const end = amp < 0 ? search.length : amp;
    const equals = search.indexOf('=', from);
    const nameEnd = equals < 0 || equals > end ? end : equals;
    const name = search.slice(from, nameEnd);
    const shape = shapes.get(name);
    if (shape !== undefined) {
      const given = search.slice(Math.min(nameEnd + 1, end), end);
      const before = value[name];
      if (shape === 'many') value[name] = Array.isArray(before) ? [...(before as unknown[]), given] : [given];
      else if (!Object.hasOwn(value, name)) value[name] = given;
    }
    from = end + 1;
  }
  return value;
}

function shapesOf(schema: Schema): ReadonlyMap<string, Shape> {
  const json = jsonSchema(schema, 'input');
  const shapes = new Map<string, Shape>();
  collect(json, json, shapes, 0);
  return shapes;
}

type Node = Readonly<Record<string, unknown>>;
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);
const branches = (node: Node): Node[] =>
  ['allOf', 'anyOf', 'oneOf'].flatMap((k) => (Array.isArray(node[k]) ? node[k].filter(isNode) : []));

function resolve(node: Node, root: Node): Node {
  const ref = node['$ref'];
  if (typeof ref !== 'string' || !ref.startsWith('#/')) return node;
  let at: unknown = root;
  for (const part of ref.slice(2).split('/')) at = isNode(at) ? at[part] : undefined;
  return isNode(at) ? at : node;
}

/** Intersections and unions of objects are looked into; nesting beyond four is no query. */
function collect(raw: Node, root: Node, shapes: Map<string, Shape>, depth: number): void {
  const node = resolve(raw, root);
  if (depth > 4) return;
  if (isNode(node['properties']))
    for (const [name, property] of Object.entries(node['properties']))
      if (name !== '__proto__') shapes.set(name, isNode(property) && wantsMany(property, root) ? 'many' : 'one');
  for (const branch of branches(node)) collect(branch, root, shapes, depth + 1);
}
function wantsMany(raw: Node, root: Node): boolean {
  const node = resolve(raw, root);
  if (node['type'] === 'array') return true;
  const options = branches(node);
  return (
    options.length > 0 &&
    options.every((o) => resolve(o, root)['type'] === 'array' || resolve(o, root)['type'] === 'null') &&
    options.some((o) => resolve(o, root)['type'] === 'array')
  );
}
