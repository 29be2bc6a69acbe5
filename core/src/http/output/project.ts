type Node = Readonly<Record<string, unknown>>;
type Prune = (value: unknown) => unknown;

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);
const isPlain = (value: unknown): value is Record<string, unknown> =>
  isNode(value) && typeof (value as { toJSON?: unknown }).toJSON !== 'function';

/** Keeps of a value what a JSON Schema declares. For schema libraries that validate but do not strip. */
export function projector(schema: Node): Prune {
  return new Projection(schema).of(schema);
}

class Projection {
  readonly #root: Node;
  readonly #made = new Map<Node, Prune>();

  constructor(root: Node) {
    this.#root = root;
  }

  of(raw: Node): Prune {
    const node = this.#resolve(raw);
    const made = this.#made.get(node);
    if (made) return made;
    // recursive schemas find this one while it is being made
    let prune: Prune | undefined;
    this.#made.set(node, (value) => (prune ? prune(value) : value));
    prune = this.#make(node);
    return prune;
  }

  #resolve(node: Node): Node {
    const ref = node['$ref'];
    if (typeof ref !== 'string') return node;
    let at: unknown = this.#root;
    for (const part of ref.replace(/^#\/?/, '').split('/').filter(Boolean)) at = isNode(at) ? at[part] : undefined;
    return isNode(at) ? at : {};
  }

  #make(node: Node): Prune {
    const items = isNode(node['items']) ? this.of(node['items']) : undefined;
    const known = this.#properties(node);
    const extra = node['additionalProperties'];
    const rest = extra === true ? (value: unknown): unknown => value : isNode(extra) ? this.of(extra) : undefined;
    if (!items && !known.size && !rest) return (value) => (isPlain(value) && node['type'] === 'object' ? {} : value);
    return (value) => {
      if (Array.isArray(value)) return items ? value.map(items) : value;
      return isPlain(value) ? pick(value, known, rest) : value;
    };
  }

  /** Of unions and intersections, every branch's: fields are dropped that none of them declares. */
  #properties(node: Node): Map<string, Prune> {
    const found = new Map<string, Prune>();
    for (const keyword of ['allOf', 'anyOf', 'oneOf']) {
      const branches = node[keyword];
      if (!Array.isArray(branches)) continue;
      for (const branch of branches)
        if (isNode(branch)) for (const [name, prune] of this.#properties(this.#resolve(branch))) found.set(name, prune);
    }
    if (isNode(node['properties']))
      for (const [name, property] of Object.entries(node['properties']))
        found.set(name, isNode(property) ? this.of(property) : (v) => v);
    return found;
  }
}

function pick(value: Record<string, unknown>, known: ReadonlyMap<string, Prune>, rest: Prune | undefined): object {
  const out: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) {
    const prune = known.get(name) ?? rest;
    if (prune && name !== '__proto__') out[name] = prune(field);
  }
  return out;
}
