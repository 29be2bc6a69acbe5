import { NotReady, type TokenId } from '@revenge/sdk';
import { type InstanceRef, instanceKey, runAs } from '../lifecycle/attribution.ts';
import { within } from './deadline.ts';

/** Longest a call from one plugin to another may take. Milliseconds. */
const CALL_DEADLINE = 30_000;

interface Provided {
  readonly ref: InstanceRef;
  readonly implementation: Readonly<Record<string, unknown>>;
}
const nameOf = (id: TokenId): string => id.split('@')[0]!;

/** Who provides what at this moment. Handles look it up at each call, so that a restarted provider is found again. */
export class ServiceRegistry {
  readonly #provided = new Map<string, Provided>();
  /** What `current` gave since the last change of providers. */
  readonly #views = new Map<TokenId, object>();

  /** A newer generation of the same instance takes the older one's place; the older one's withdrawal then changes nothing. */
  provide(ref: InstanceRef, id: TokenId, implementation: object): () => void {
    const entry = { ref, implementation: implementation as Provided['implementation'] };
    this.#provided.set(nameOf(id), entry);
    this.#views.clear();
    return () => {
      if (this.#provided.get(nameOf(id)) === entry) this.#provided.delete(nameOf(id));
      this.#views.clear();
    };
  }

  /** For the kernel's own hot calls: no deadline, attributed to the provider. undefined while nobody provides it. */
  current<T extends object>(id: TokenId): T | undefined {
    let view = this.#views.get(id);
    if (!view) {
      const entry = this.#provided.get(nameOf(id));
      if (!entry) return undefined;
      this.#views.set(id, (view = calls((method, args) => invoke(entry, method, args))));
    }
    return view as T;
  }

  /** What a plugin gets as ctx.services.x. A call while the provider is down rejects with NotReady. */
  handle(id: TokenId): object {
    return calls((method, args) => {
      const entry = this.#provided.get(nameOf(id));
      return entry
        ? this.#call(entry, id, method, args)
        : down(new NotReady(`Nothing provides ${id} at the moment.`, '5s'));
    });
  }

  has(id: TokenId): boolean {
    return this.#provided.has(nameOf(id));
  }

  #call(entry: Provided, id: TokenId, method: string, args: readonly unknown[]): unknown {
    const result = invoke(entry, method, args);
    if (!(result instanceof Promise)) return result;
    return within(
      CALL_DEADLINE,
      `${instanceKey(entry.ref)}: ${nameOf(id)}.${method}()`,
      () => result,
      () => undefined,
    );
  }
}

/** An object whose every method goes through `call`. Not thenable, so that it can be awaited by accident. */
export function calls(call: (method: string, args: readonly unknown[]) => unknown): object {
  const made = new Map<string, (...args: readonly unknown[]) => unknown>();
  return new Proxy(Object.freeze({}), {
    get: (_, method) => {
      if (typeof method !== 'string' || method === 'then') return undefined;
      let f = made.get(method);
      if (!f) made.set(method, (f = (...args) => call(method, args)));
      return f;
    },
  });
}

export function invoke({ ref, implementation }: Provided, method: string, args: readonly unknown[]): unknown {
  const f = implementation[method];
  if (typeof f !== 'function') return Promise.reject(new TypeError(`${instanceKey(ref)} has no method '${method}'`));
  return runAs(ref, () => (f as (...a: readonly unknown[]) => unknown).apply(implementation, args as unknown[]));
}

/** Rejects when awaited and when iterated: the caller may expect a promise or an AsyncIterable. */
export function down(error: Error): Promise<never> & AsyncIterable<never> {
  const rejected = Promise.reject(error);
  rejected.catch(() => undefined); // an iterating caller never awaits the promise itself
  return Object.assign(rejected, {
    async *[Symbol.asyncIterator](): AsyncGenerator<never> {
      yield await Promise.reject<never>(error);
    },
  });
}
