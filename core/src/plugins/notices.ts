import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Notice, Problem } from '@revenge/sdk';

/** Messages to the operator, and their secrets as files that only the owner may read. */
export class Notices {
  readonly #folder: string;
  readonly #show: (notice: Notice) => void;
  readonly #all = new Map<string, Notice>();
  constructor(folder: string, show: (notice: Notice) => void) {
    this.#folder = folder;
    this.#show = show;
  }

  get texts(): readonly string[] {
    return [...this.#all.values()].map(({ text }) => text);
  }

  set(what: string, notice: Notice | undefined): void {
    const before = this.#all.get(what);
    if (!notice) this.#all.delete(what);
    else this.#all.set(what, notice);
    if (before?.secret && before.secret.name !== notice?.secret?.name)
      rmSync(this.#file(before.secret.name), { force: true });
    if (notice?.secret && notice.secret.value !== before?.secret?.value) this.#keep(notice.secret);
    if (notice && notice.text !== before?.text) this.#show(notice);
  }

  /** A secret's file outlives the process (it is read after a restart too); the notice is made again at the next start. */
  #keep({ name, value }: NonNullable<Notice['secret']>): void {
    mkdirSync(this.#folder, { recursive: true });
    rmSync(this.#file(name), { force: true });
    writeFileSync(this.#file(name), `${value}\n`, { mode: 0o600, flag: 'wx' });
  }

  #file(name: string): string {
    if (!/^[a-z][a-z-]{1,40}$/.test(name) || ['postgres', 'plugins', 'logs', 'secret-key'].includes(name))
      throw new Problem(
        500,
        'notice',
        'Bad notice',
        `'${name}' cannot be the name of a secret's file: lower case letters and dashes, none of the server's own`,
      );
    return join(this.#folder, name);
  }
}
