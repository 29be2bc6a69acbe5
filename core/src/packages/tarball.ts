import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { Parser, type ReadEntry } from 'tar';
import { KernelError } from '../errors.ts';

/** Bytes of the file, bytes of what is in it, number of entries, bytes of its package.json. */
const MOST = { packed: 100 * 1024 ** 2, unpacked: 500 * 1024 ** 2, entries: 20_000, manifest: 1024 ** 2 } as const;
const KINDS = new Set(['File', 'OldFile', 'Directory']);

export interface Tarball {
  /** 'sha512-…', as npm writes it. */
  readonly integrity: string;
  /** Hexadecimal. */
  readonly sha256: string;
  readonly manifest: Readonly<Record<string, unknown>>;
  /** Path below the package's folder → sha256 of each file. */
  readonly files: ReadonlyMap<string, string>;
}

/** Reads a package without unpacking it. Refuses what would leave its folder, links, and what is too large. */
export async function readTarball(file: string, shownAs: string): Promise<Tarball> {
  const info = await stat(file);
  if (info.size > MOST.packed) throw refused(shownAs, `is larger than ${MOST.packed / 1024 ** 2} MB`);
  const sums = { sha512: createHash('sha512'), sha256: createHash('sha256') };
  const files = new Map<string, string>();
  const manifests: Buffer[] = [];
  let unpacked = 0;
  let entries = 0;
  await parse(file, shownAs, {
    bytes: (chunk) => {
      sums.sha512.update(chunk);
      sums.sha256.update(chunk);
    },
    entry: (entry) => {
      const path = checkedPath(entry, shownAs);
      if ((entries += 1) > MOST.entries) throw refused(shownAs, `has more than ${MOST.entries} entries`);
      const manifest = path === 'package.json' ? manifests : undefined;
      if (manifest && entry.size > MOST.manifest) throw refused(shownAs, 'has a package.json larger than 1 MB');
      const sum = createHash('sha256');
      entry.on('data', (chunk: Buffer) => {
        sum.update(chunk);
        manifest?.push(chunk);
      });
      if (entry.type !== 'Directory') entry.on('end', () => files.set(path, sum.digest('hex')));
      if ((unpacked += entry.size) > MOST.unpacked)
        throw refused(shownAs, `unpacks to more than ${MOST.unpacked / 1024 ** 2} MB`);
    },
  });
  return {
    integrity: `sha512-${sums.sha512.digest('base64')}`,
    sha256: sums.sha256.digest('hex'),
    manifest: parsedManifest(manifests, shownAs),
    files,
  };
}

async function parse(
  file: string,
  shownAs: string,
  on: { bytes(chunk: Buffer): void; entry(entry: ReadEntry): void },
): Promise<void> {
  let failure: unknown;
  const source = createReadStream(file);
  source.on('data', (chunk) => on.bytes(chunk as Buffer)); // no encoding is set
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      try {
        if (!failure) on.entry(entry);
      } catch (error) {
        failure = error;
        source.destroy(error instanceof Error ? error : undefined);
      }
      entry.resume();
    },
  });
  try {
    // tar's parser is a writable stream in all but its declared type.
    await pipeline(source, parser as unknown as NodeJS.WritableStream);
  } catch (error) {
    if (failure) throw failure;
    throw refused(shownAs, 'is no whole .tgz file', error);
  }
  if (failure) throw failure;
}

/** The path below the package's own folder, as npm unpacks it: without its first part. */
function checkedPath(entry: ReadEntry, shownAs: string): string {
  if (!KINDS.has(entry.type))
    throw refused(shownAs, `holds '${entry.path}', which is no file or folder but a ${entry.type}`);
  const parts = entry.path.split('/').filter((part) => part && part !== '.');
  if (/^([/\\]|[a-z]:)/i.test(entry.path) || entry.path.includes('\\') || parts.includes('..'))
    throw refused(shownAs, `holds '${entry.path}', which would leave its folder`);
  return parts.slice(1).join('/');
}

function parsedManifest(chunks: readonly Buffer[], shownAs: string): Readonly<Record<string, unknown>> {
  if (!chunks.length) throw refused(shownAs, 'has no package.json');
  try {
    const manifest: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (typeof manifest === 'object' && manifest !== null && !Array.isArray(manifest))
      return manifest as Readonly<Record<string, unknown>>;
  } catch (error) {
    throw refused(shownAs, 'has a package.json that is no JSON', error);
  }
  throw refused(shownAs, 'has a package.json that is no object');
}

const refused = (shownAs: string, what: string, cause?: unknown): KernelError =>
  new KernelError('RV_PLUGIN', `${shownAs} ${what}`, 'Pack the plugin again with `npm pack`, or ask its author.', {
    cause,
  });
