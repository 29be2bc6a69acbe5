import type { ProblemCode } from './walk-protocol.ts';

const codes: ReadonlyMap<string, ProblemCode> = new Map([
  ['ENOENT', 'vanished'],
  ['ENOTDIR', 'not-a-folder'],
  ['EACCES', 'unreadable'],
  ['EPERM', 'unreadable'],
  ['ELOOP', 'loop'],
  ['ENAMETOOLONG', 'bad-name'],
  ['EILSEQ', 'bad-name'],
]);

const sentences: Readonly<Record<ProblemCode, string>> = {
  missing: 'it does not exist; check the path, and that its disk is mounted',
  'not-a-folder': 'it is not a folder; give the folder that holds it',
  unreadable: 'the server may not read it; give its user read (and, for folders, execute) permission',
  loop: 'it links back to a folder that contains it; remove the link',
  'bad-name': 'its name is too long or not valid UTF-8; rename it',
  vanished: 'it disappeared while it was read; the next scan looks again',
  io: 'reading it failed; check the disk or the network mount',
};

/** The system's error code, or 'unknown'. */
export function systemCode(error: unknown): string {
  // No instanceof: an error of the file system may come from another realm (as in tests).
  const isCoded = typeof error === 'object' && error !== null && 'code' in error;
  return isCoded && typeof error.code === 'string' ? error.code : 'unknown';
}

/** The sentence a person reads for a problem: what, and how to mend it. */
export function problemMessage(code: ProblemCode, system?: string): string {
  return system === undefined || code !== 'io' ? sentences[code] : `${sentences[code]} (${system})`;
}

/** Which problem a failed system call means. */
export function problemCode(error: unknown): ProblemCode {
  return codes.get(systemCode(error)) ?? 'io';
}
