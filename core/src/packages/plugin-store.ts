import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { cp, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { KernelError } from '../errors.ts';

const RECORDS = 'revenge-plugins.json';

const Records = z.object({
  plugins: z.array(
    z.object({
      name: z.string(),
      version: z.string(),
      /** What was typed: a name, or the tarball's path. */
      from: z.string(),
      integrity: z.string(),
      sha256: z.string(),
      /** The kept tarball, below DATA/plugins. */
      tarball: z.string(),
      added_at: z.string(),
    }),
  ),
});
export type PluginRecord = z.infer<typeof Records>['plugins'][number];

/** DATA/plugins: what is in it changes only as a whole, by putting a finished copy in its place. */
export const storeDir = (data: string): string => join(data, 'plugins');

export function readRecords(dir: string): readonly PluginRecord[] {
  const file = join(dir, RECORDS);
  if (!existsSync(file)) return [];
  try {
    return Records.parse(JSON.parse(readFileSync(file, 'utf8'))).plugins;
  } catch (error) {
    throw new KernelError(
      'RV_DATA',
      `${file} cannot be read: it is not what 'revenge plugin' wrote`,
      `Restore it from a backup, or delete ${dir} and add the plugins again.`,
      { cause: error },
    );
  }
}

/** Writes what npm and we read: dependencies on the kept tarballs, and a stand-in for the SDK that npm never fetches. */
export async function writeStore(dir: string, plugins: readonly PluginRecord[], sdkVersion: string): Promise<void> {
  const sdk = '@revenge/sdk';
  await mkdir(join(dir, 'sdk'), { recursive: true });
  await writeJson(join(dir, 'sdk', 'package.json'), { name: sdk, version: sdkVersion, private: true });
  await writeJson(join(dir, 'package.json'), {
    name: 'revenge-plugins',
    private: true,
    description: "Managed by 'revenge plugin add' and 'remove'",
    dependencies: { [sdk]: 'file:sdk', ...Object.fromEntries(plugins.map((p) => [p.name, `file:${p.tarball}`])) },
    overrides: { [sdk]: `$${sdk}` },
  });
  await writeJson(join(dir, RECORDS), { plugins });
}

const writeJson = (file: string, value: unknown): Promise<void> =>
  writeFile(file, `${JSON.stringify(value, undefined, 2)}\n`);

/** Puts right what a killed command left, and takes its temporary folders away. Only with the lock held. */
export async function mendStore(dir: string): Promise<void> {
  recoverStore(dir);
  await rm(`${dir}.old`, { recursive: true, force: true });
  for (const name of await readdir(dirname(dir)))
    if (name.startsWith(`${basename(dir)}.next-`))
      await rm(join(dirname(dir), name), { recursive: true, force: true, maxRetries: 3 });
}

/** A copy to change, beside the folder it will replace. */
export async function stage(dir: string): Promise<string> {
  const staged = `${dir}.next-${randomUUID()}`;
  if (existsSync(dir)) await cp(dir, staged, { recursive: true, verbatimSymlinks: true });
  await mkdir(join(staged, 'packages'), { recursive: true });
  return staged;
}

/** Puts the staged copy in place. Killed between the two renames, the next start or command finds the old one and puts it back. */
export async function swapIn(staged: string, dir: string): Promise<void> {
  const old = `${dir}.old`;
  await rm(old, { recursive: true, force: true });
  const had = existsSync(dir);
  if (had) await rename(dir, old);
  try {
    await rename(staged, dir);
  } catch (error) {
    if (had) await rename(old, dir);
    throw error;
  }
  await rm(old, { recursive: true, force: true });
}

export function recoverStore(dir: string): void {
  const old = `${dir}.old`;
  if (!existsSync(dir) && existsSync(old)) renameSync(old, dir);
}
