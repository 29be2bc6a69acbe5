import { opendirSync, realpathSync, statSync } from 'node:fs';
import type { BigIntStats, Dirent } from 'node:fs';
import { join } from 'node:path';
import type { BatchWriter } from './batch-writer.ts';
import { fileKind, fileKinds } from './file-kind.ts';
import { problemCode, problemMessage, systemCode } from './read-errors.ts';
import type { ProblemCode } from './walk-protocol.ts';

const skippedFolders: ReadonlySet<string> = new Set([
  '@eadir',
  'lost+found',
  '#recycle',
  '#snapshot',
  '$recycle.bin',
  'system volume information',
]);
const ignoreMarks: ReadonlySet<string> = new Set(['.ignore', '.nomedia']);

/** Entries taken at a time from one folder: names of a folder with a million files are never all in memory. */
const READ_AHEAD = 512;

interface Pending {
  /** Path below the root, '' for the root. */
  readonly path: string;
  readonly isLink: boolean;
}

/** Reads a tree depth first with synchronous calls; belongs in a thread. Linked folders come last, so that a folder keeps its real path. */
export class TreeReader {
  readonly #root: string;
  readonly #writer: BatchWriter;
  readonly #folders: Pending[] = [{ path: '', isLink: false }];
  readonly #linked: Pending[] = [];
  readonly #seen = new Map<bigint, Set<bigint>>();

  constructor(root: string, writer: BatchWriter) {
    this.#root = root;
    this.#writer = writer;
  }

  read(): void {
    while (!this.#writer.stopped) {
      const next = this.#folders.pop() ?? this.#linked.pop();
      if (next === undefined) return;
      this.#enter(next);
    }
  }

  #enter(folder: Pending): void {
    const absolute = this.#absolute(folder.path);
    try {
      const stats = statSync(absolute, { bigint: true });
      if (!stats.isDirectory()) return this.#problem(folder.path, 'not-a-folder');
      if (this.#isRepeat(stats)) {
        if (folder.isLink && this.#leadsUp(absolute)) this.#problem(folder.path, 'loop');
        return;
      }
      this.#list(folder.path, absolute);
    } catch (error) {
      this.#failed(folder.path, error);
    }
  }

  /** A mark at the root itself is passed over: the operator named that folder. */
  #list(path: string, absolute: string): void {
    if (path !== '' && this.#isMarked(absolute)) return;
    const prefix = path === '' ? '' : `${path}/`;
    const opened = opendirSync(absolute, { bufferSize: READ_AHEAD });
    this.#writer.folder();
    try {
      for (let entry = opened.readSync(); entry !== null && !this.#writer.stopped; entry = opened.readSync()) {
        if (!entry.name.startsWith('.')) this.#entry(prefix + entry.name, entry);
      }
    } finally {
      opened.closeSync();
    }
  }

  #isMarked(absolute: string): boolean {
    for (const mark of ignoreMarks)
      if (statSync(`${absolute}/${mark}`, { throwIfNoEntry: false }) !== undefined) return true;
    return false;
  }

  #entry(path: string, entry: Dirent): void {
    if (entry.isDirectory()) return this.#pend(path, entry.name, false);
    const kind = fileKind(entry.name);
    if (!entry.isFile() && !entry.isSymbolicLink()) return;
    if (kind === 'other' && !entry.isSymbolicLink() && !entry.name.includes('\uFFFD')) return;
    try {
      const stats = statSync(this.#absolute(path));
      if (stats.isDirectory()) return this.#pend(path, entry.name, true);
      if (!stats.isFile() || kind === 'other') return;
      this.#writer.file(path, stats.size, Math.trunc(stats.mtimeMs), fileKinds.indexOf(kind));
    } catch (error) {
      if (entry.isSymbolicLink() && systemCode(error) === 'ENOENT') this.#problem(path, 'missing');
      else this.#failed(path, error);
    }
  }

  #pend(path: string, name: string, isLink: boolean): void {
    const lower = name.toLowerCase();
    if (skippedFolders.has(lower) || lower.endsWith('.trickplay')) return;
    (isLink ? this.#linked : this.#folders).push({ path, isLink });
  }

  #isRepeat(stats: BigIntStats): boolean {
    const inodes = this.#seen.get(stats.dev) ?? new Set();
    this.#seen.set(stats.dev, inodes);
    if (inodes.has(stats.ino)) return true;
    inodes.add(stats.ino);
    return false;
  }

  /** Whether a link's target holds the link; a second way to a folder elsewhere is no loop and no problem. */
  #leadsUp(absolute: string): boolean {
    const target = realpathSync(absolute);
    const place = realpathSync(join(absolute, '..'));
    return place === target || place.startsWith(target === '/' ? '/' : `${target}/`);
  }

  #failed(path: string, error: unknown): void {
    const code = problemCode(error);
    const system = systemCode(error);
    if (code === 'vanished' && path.includes('\uFFFD')) return this.#problem(path, 'bad-name');
    this.#problem(path, code === 'vanished' && path === '' ? 'missing' : code, system);
  }

  #problem(path: string, code: ProblemCode, system?: string): void {
    this.#writer.problem({ path: this.#absolute(path), code, message: problemMessage(code, system) });
  }

  #absolute(path: string): string {
    if (path === '') return this.#root;
    return this.#root === '/' ? `/${path}` : `${this.#root}/${path}`;
  }
}
