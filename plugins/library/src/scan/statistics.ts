import type { Query } from '../context.ts';

/** The first look after so many new files, the next after ten times as many. */
const FIRST = 1_000;

/**
 * Tells PostgreSQL how big the tables have become while a scan fills them: what it knew when they were empty makes it read them whole for each
 * batch, and its own look comes a minute later.
 */
export class Statistics {
  #next = FIRST;
  #added = 0;

  async added(db: Query, files: number): Promise<void> {
    this.#added += files;
    if (this.#added < this.#next) return;
    this.#next = Math.max(this.#next * 10, this.#added);
    await refresh(db);
  }

  /** At the end of a scan that changed much. */
  async end(db: Query): Promise<void> {
    if (this.#added >= FIRST) await refresh(db);
  }
}

const refresh = async (db: Query): Promise<void> =>
  void (await db.query(
    'analyze media_files, movies, movie_files, movie_sets, series, series_libraries, seasons, episodes, episode_files, episode_libraries',
  ));
