import { Piscina } from 'piscina';
import { workerFile } from '@revenge/sdk';
import type { ParsedPath } from '../names/parsed-path.ts';
import type { FilesTask, PathTask } from './names.worker.ts';
import type { UnderstoodFile } from './understood-file.ts';

/** A thread without work for this long (milliseconds) ends, and its memory returns. */
const IDLE = 5_000;

/**
 * Reads names in a thread of its own: the first ones cost hundreds of milliseconds (its expressions are compiled when they are first used), the
 * others a fraction of one each.
 */
export class NameReader {
  #pool: Piscina<FilesTask | PathTask, UnderstoodFile[] | ParsedPath> | undefined;

  /** What the names of files say, in their order. */
  async files(task: FilesTask): Promise<UnderstoodFile[]> {
    const read = await this.#open().run(task, { name: 'readFiles' });
    return read as UnderstoodFile[]; // what `readFiles` answers
  }

  /** How one path is understood. */
  async path(task: PathTask): Promise<ParsedPath> {
    const read = await this.#open().run(task, { name: 'readPath' });
    return read as ParsedPath; // what `readPath` answers
  }

  /** Ends the thread; what runs is given up. */
  async close(): Promise<void> {
    const pool = this.#pool;
    this.#pool = undefined;
    await pool?.destroy();
  }

  #open() {
    const file = workerFile(import.meta.url, './names.worker');
    return (this.#pool ??= new Piscina<FilesTask | PathTask, UnderstoodFile[] | ParsedPath>({
      filename: file.filename,
      execArgv: [...file.execArgv],
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: IDLE,
      resourceLimits: { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 8 },
    }));
  }
}
