import type { Contributions, Contributor, TokenId } from '@revenge/sdk';
import { type InstanceRef, instanceKey } from '../lifecycle/attribution.ts';
import { calls, invoke } from './services.ts';

interface Contributed extends Contributor<object, unknown> {
  readonly token: string;
}
const nameOf = (id: TokenId): string => id.split('@')[0]!;

/** The ready contributors to every point, in the order of their instances' names. */
export class ExtensionRegistry {
  #all: readonly Contributed[] = [];
  readonly #listeners = new Set<() => void>();

  contribute(ref: InstanceRef, title: string, id: TokenId, about: unknown, implementation: object): () => void {
    const provided = { ref, implementation: implementation as Readonly<Record<string, unknown>> };
    const entry: Contributed = {
      token: nameOf(id),
      plugin: ref.plugin,
      instance: instanceKey(ref),
      title,
      about,
      call: calls((method, args) => invoke(provided, method, args)),
    };
    this.#set([
      ...this.#all.filter((other) => other.token !== entry.token || other.instance !== entry.instance),
      entry,
    ]);
    return () => this.#set(this.#all.filter((other) => other !== entry));
  }

  /** A live view; `changed` runs a listener as the instance that asked. */
  point(id: TokenId, listen: (f: () => void) => void): Contributions<object, unknown> {
    const here = () => this.#all.filter(({ token }) => token === nameOf(id));
    return {
      get size() {
        return here().length;
      },
      get: (instance) => here().find((entry) => entry.instance === instance || entry.plugin === instance),
      onChange: (f) => listen(f),
      [Symbol.iterator]: () => here()[Symbol.iterator](),
    };
  }

  onChange(f: () => void): () => void {
    this.#listeners.add(f);
    return () => this.#listeners.delete(f);
  }

  #set(next: readonly Contributed[]): void {
    this.#all = next.toSorted((a, b) => a.instance.localeCompare(b.instance));
    for (const listener of this.#listeners) listener();
  }
}
