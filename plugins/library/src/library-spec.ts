import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';

/** One library as the command line, the environment or the config file names it. */
export interface LibrarySpec {
  readonly type: 'movie' | 'tvshow';
  /** undefined: named after its folder. */
  readonly name?: string | undefined;
  /** Absolute. */
  readonly path: string;
}
const HOW = 'write movie=PATH, tvshow=PATH or movie:Name=PATH';

/** A relative path is meant from where the server was started; '~/' is the home folder, as no shell expands it after '='. */
const absolute = (path: string): string => (path.startsWith('~/') ? resolve(homedir(), path.slice(2)) : resolve(path));

const Written = z.string().transform((text, check): LibrarySpec => {
  const [, type, name, path] = /^([^:=]*)(?::([^=]*))?=(.+)$/s.exec(text) ?? [];
  const refuse = (message: string): never => {
    check.addIssue({ code: 'custom', message: `${message}: ${HOW}` });
    return z.NEVER;
  };
  if (path === undefined) return refuse(`'${text}' has no '=' with a path after it`);
  if (type !== 'movie' && type !== 'tvshow') return refuse(`'${type}' is no kind of library`);
  if (name !== undefined && (name.trim() === '' || name.length > 255)) return refuse('the name is empty or too long');
  if (path.includes('\0')) return refuse('a path holds no NUL character');
  return { type, name: name?.trim(), path: absolute(path) };
});
const Structured = z.object({
  type: z.enum(['movie', 'tvshow']),
  name: z.string().trim().min(1).max(255).optional(),
  path: z.string().min(1).transform(absolute),
});

/** 'movie=PATH', 'tvshow:Name=PATH', or the same as an object. */
export const LibrarySpec = z.union([Written, Structured]);
