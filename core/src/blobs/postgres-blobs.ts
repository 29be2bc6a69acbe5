import { createHash } from 'node:crypto';
import { type Blobs, problem } from '@revenge/sdk';
import type { CoreDatabase, Tx } from '../database/database.ts';
import type { InstanceRef } from '../lifecycle/attribution.ts';
import { CHUNK, inChunks } from './chunks.ts';

const DEFAULT_TYPE = 'application/octet-stream';

interface Found {
  readonly id: string;
  readonly size: number;
  readonly type: string;
  readonly sha256: string;
}

/** Files that every node sees, in rows of 256 kB. */
export class PostgresBlobs {
  constructor(private readonly database: CoreDatabase) {}

  open(owner: InstanceRef): Blobs {
    return new InstanceBlobs(this.database, owner);
  }
}

class InstanceBlobs implements Blobs {
  readonly #database: CoreDatabase;
  readonly #owner: InstanceRef;

  constructor(database: CoreDatabase, owner: InstanceRef) {
    this.#database = database;
    this.#owner = owner;
  }

  /** No transaction is open while bytes arrive, however slowly: the new blob is staged, and takes the key's place when it is whole. */
  async put(
    key: string,
    data: Uint8Array | ReadableStream<Uint8Array>,
    options: { readonly type?: string } = {},
  ): Promise<{ readonly size: number; readonly sha256: string }> {
    const id = await this.#stage(checked(key), checkedType(options.type ?? DEFAULT_TYPE));
    try {
      const written = await this.#write(id, data);
      await this.#database.transaction(async (tx) => {
        await this.#dropReady(tx, key);
        await tx.execute(
          `update core.blobs set state = 'ready', size = $2, sha256 = $3, changed_at = now() where id = $1`,
          [id, written.size, written.sha256],
        );
      });
      await this.#sweep();
      return written;
    } catch (error) {
      // Where even this fails, the sweep of a later day removes it.
      await this.#database.execute('delete from core.blobs where id = $1', [id]).catch(() => undefined);
      throw error;
    }
  }

  async get(key: string) {
    const [found] = await this.#database.query<Found>(
      `select id, size, type, sha256 from core.blobs where plugin = $1 and instance = $2 and key = $3 and state = 'ready'`,
      [this.#owner.plugin, this.#owner.instance, checked(key)],
      'core_blob_get',
    );
    return found && { data: this.#read(found), size: found.size, type: found.type, sha256: found.sha256 };
  }

  async delete(key: string): Promise<void> {
    await this.#database.transaction((tx) => this.#dropReady(tx, checked(key)));
    await this.#sweep();
  }

  async #stage(key: string, type: string): Promise<string> {
    const [row] = await this.#database.query<{ id: string }>(
      'insert into core.blobs (plugin, instance, key, type) values ($1, $2, $3, $4) returning id',
      [this.#owner.plugin, this.#owner.instance, key, type],
    );
    if (!row) throw new Error('a blob was not stored');
    return row.id;
  }

  async #write(id: string, data: Uint8Array | ReadableStream<Uint8Array>) {
    const hash = createHash('sha256');
    let size = 0;
    let n = 0;
    for await (const chunk of inChunks(data)) {
      hash.update(chunk);
      size += chunk.length;
      await this.#database.query(
        'insert into core.blob_chunks (blob, n, data) values ($1, $2, $3)',
        [id, n++, chunk],
        'core_blob_write',
      );
    }
    return { size, sha256: hash.digest('hex') };
  }

  /** Asks for a row when the reader asks for bytes; an abandoned stream holds nothing. */
  #read({ id, size }: Found): ReadableStream<Uint8Array> {
    const count = Math.ceil(size / CHUNK);
    let n = 0;
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          if (n === count) return controller.close();
          const [row] = await this.#database.query<{ data: Buffer }>(
            'select data from core.blob_chunks where blob = $1 and n = $2',
            [id, n++],
            'core_blob_read',
          );
          if (!row) throw problem.unavailable('The file was replaced while it was read.', '1s');
          controller.enqueue(row.data);
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** One writer of a key at a time, so that two puts at once leave one of them. */
  async #dropReady(tx: Tx, key: string): Promise<void> {
    const { plugin, instance } = this.#owner;
    await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`blob\n${plugin}\n${instance}\n${key}`]);
    await tx.execute(
      `update core.blobs set state = 'dropped', changed_at = now()
       where plugin = $1 and instance = $2 and key = $3 and state = 'ready'`,
      [plugin, instance, key],
    );
  }

  /** Readers of a dropped blob have ten minutes; a staged one whose node died is kept for a day. A few at a time: each may be large. */
  async #sweep(): Promise<void> {
    await this.#database.execute(
      `delete from core.blobs where id in (
         select id from core.blobs
         where state <> 'ready' and changed_at < now() - case state when 'dropped' then interval '10 min' else interval '1 day' end
         order by changed_at limit 20 for update skip locked)`,
    );
  }
}

function checked(key: string): string {
  const parts = key.split('/');
  // oxlint-disable-next-line no-control-regex -- control characters are what it refuses
  const odd = parts.some((part) => part === '' || part === '.' || part === '..' || /[\0-\x1f\x7f\\]/.test(part));
  if (odd || Buffer.byteLength(key) > 1_024)
    throw problem.invalid({
      path: 'key',
      message: `'${key.slice(0, 80)}' names no blob: write a path such as 'posters/42.jpg', at most 1,024 bytes, without '.', '..' or an empty part`,
    });
  return key;
}

function checkedType(type: string): string {
  if (!/^[\w.+-]+\/[\w.+-]+(;[ -~]*)?$/.test(type) || type.length > 255)
    throw problem.invalid({
      path: 'type',
      message: `'${type.slice(0, 80)}' is no media type: write one such as 'image/jpeg'`,
    });
  return type;
}
