import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { Slots } from './slots.ts';

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane. Argon2id is the library's default. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** Each takes a thread of libuv's pool (four by default, shared with files and DNS) and 19 MiB. */
const AT_ONCE = 2;
/** About two seconds of work. */
const WAITING = 64;

/** argon2id off the event loop, with the same work whether an account exists or not. */
export class Passwords {
  readonly #slots = new Slots(AT_ONCE, WAITING);
  readonly #nobody: string;

  private constructor(nobody: string) {
    this.#nobody = nobody;
  }

  static async create(): Promise<Passwords> {
    return new Passwords(await hash(randomBytes(32), COST));
  }

  hash(password: string): Promise<string> {
    return this.#slots.run(() => hash(canonical(password), COST));
  }

  /**
   * Without a hash (no such user, no password set) it takes as long and answers false. `admit` may refuse by a throw, once it is this one's
   * turn: whoever was sent away as too many has not used up a try.
   */
  async matches(
    stored: string | null | undefined,
    password: string,
    admit: () => Promise<void> = async () => undefined,
  ): Promise<boolean> {
    const good = await this.#slots.run(async () => {
      await admit();
      return verify(stored ?? this.#nobody, canonical(password));
    });
    return good && stored !== null && stored !== undefined;
  }
}

/** Keyboards differ in how they write 'é': one form for all (NIST SP 800-63B). */
const canonical = (password: string): string => password.normalize('NFKC');
