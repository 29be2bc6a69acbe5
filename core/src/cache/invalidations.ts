import type { KernelLog } from '../log/log.ts';
import type { Bus } from '../database/bus.ts';

/** Keys in one message: NOTIFY takes 7,000 bytes. */
const BYTES = 6_500;
/** Keys waiting to leave; beyond it the message is 'drop all of that instance'. */
const WAITING = 10_000;
/** Characters, of at most six bytes each in JSON; a longer key drops its whole instance. */
const LONGEST = 1_000;
const RETRY_MS = 1_000;

/**
 * Tells the other nodes which keys changed: names only, many in a message, sent once the present turn is over. What could not be sent is kept
 * and sent again, so that a copy elsewhere outlives its key by no more than the database's absence.
 */
export class Invalidations {
  readonly #bus: Bus;
  readonly #node: string;
  readonly #log: KernelLog;
  /** Instance key → keys, or 'all'. */
  #waiting = new Map<string, Set<string> | 'all'>();
  #sending: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(bus: Bus, node: string, log: KernelLog) {
    this.#bus = bus;
    this.#node = node;
    this.#log = log;
  }

  /** Leaves with the others of this turn; a failure is logged and mended by trying again. */
  note(instance: string, key: string): void {
    this.#add(instance, key);
    if (this.#sending) return;
    this.#leave().catch((error: unknown) => this.#log.warn('cache: an invalidation waits', { cache: instance, error }));
  }

  /** Resolves when everything that waited has left. */
  send(instance: string, key: string): Promise<void> {
    this.#add(instance, key);
    return this.#leave();
  }

  listen(heard: (instance: string, keys: readonly string[] | 'all') => void): () => void {
    return this.#bus.on('cache', (payload) => {
      // Written by #flush of this or another node: [node, instance, ...keys].
      const [node, instance, ...keys] = JSON.parse(payload) as string[];
      if (node !== this.#node && instance !== undefined) heard(instance, keys.length ? keys : 'all');
    });
  }

  async stop(): Promise<void> {
    clearTimeout(this.#retry);
    await this.#sending?.catch((error: unknown) => this.#log.warn('cache: invalidations were lost at stop', { error }));
  }

  #add(instance: string, key: string): void {
    const keys = this.#waiting.get(instance);
    if (keys === 'all') return;
    if (key.length > LONGEST || (keys && keys.size >= WAITING)) this.#waiting.set(instance, 'all');
    else if (keys) keys.add(key);
    else this.#waiting.set(instance, new Set([key]));
  }

  #leave(): Promise<void> {
    return (this.#sending ??= Promise.resolve().then(() => this.#flush()));
  }

  async #flush(): Promise<void> {
    // From here on what comes goes with the next message.
    this.#sending = undefined;
    const leaving = this.#waiting;
    this.#waiting = new Map();
    try {
      for (const [instance, keys] of leaving) {
        for (const message of messages(this.#node, instance, keys)) await this.#bus.publish('cache', message);
        leaving.delete(instance);
      }
    } catch (error) {
      for (const [instance, keys] of leaving) this.#again(instance, keys);
      this.#retry ??= setTimeout(() => {
        this.#retry = undefined;
        this.#flush().catch((again: unknown) => this.#log.warn('cache: invalidation not sent yet', { error: again }));
      }, RETRY_MS).unref();
      throw error;
    }
  }

  #again(instance: string, keys: Set<string> | 'all'): void {
    const now = this.#waiting.get(instance);
    if (keys === 'all' || now === 'all') this.#waiting.set(instance, 'all');
    else this.#waiting.set(instance, new Set([...keys, ...(now ?? [])]));
  }
}

function* messages(node: string, instance: string, keys: Set<string> | 'all'): Generator<string> {
  if (keys === 'all') return yield JSON.stringify([node, instance]);
  let part = [node, instance];
  let bytes = 0;
  for (const key of keys) {
    const size = Buffer.byteLength(JSON.stringify(key)) + 1;
    if (bytes + size > BYTES && part.length > 2) {
      yield JSON.stringify(part);
      part = [node, instance];
      bytes = 0;
    }
    part.push(key);
    bytes += size;
  }
  yield JSON.stringify(part);
}
