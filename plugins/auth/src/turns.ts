import { Slots } from './slots.ts';

/** May wait for one key before the answer is 503. */
const WAITING = 64;

/** One at a time for a key on this node. */
export class Turns {
  readonly #keys = new Map<string, { readonly slots: Slots; users: number }>();

  async take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const turn = this.#keys.get(key) ?? { slots: new Slots(1, WAITING), users: 0 };
    this.#keys.set(key, turn);
    turn.users++;
    try {
      return await turn.slots.run(work);
    } finally {
      if (--turn.users === 0) this.#keys.delete(key);
    }
  }
}
