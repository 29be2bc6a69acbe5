import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { KernelError } from '../errors.ts';
import { linkSdk, unlinkSdk } from './link-sdk.ts';
import { type Env, npm } from './npm.ts';
import { PACKAGE_NAME, pluginManifest } from './plugin-manifest.ts';
import { mendStore, type PluginRecord, readRecords, stage, storeDir, swapIn, writeStore } from './plugin-store.ts';
import { locked } from './store-lock.ts';
import { readTarball, type Tarball } from './tarball.ts';

export { linkSdk } from './link-sdk.ts';

/** What a file system says, in words. */
const DISK: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'it is mounted read-only',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'it is a file',
  EXDEV: 'DATA/plugins is a mount of its own: mount DATA as a whole',
  EBUSY: 'DATA/plugins is a mount of its own: mount DATA as a whole',
};

interface Server {
  /** Absolute path of the folder that holds all state. */
  readonly data: string;
  /** The folder of the server's own @revenge/sdk, and its version. */
  readonly sdkDir: string;
  readonly sdkVersion: string;
  readonly env?: Env;
}
export interface AddedPlugin {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
  /** The version that was there before. */
  readonly replaced: string | undefined;
}
export interface ListedPlugin {
  readonly name: string;
  readonly version: string;
  readonly from: string;
  readonly integrity: string;
  readonly added_at: string;
  /** The kept tarball and every installed file are what was added. */
  readonly intact: boolean;
  /** What is wrong with it, and the cure. */
  readonly broken: string | undefined;
}

/** `revenge plugin add`: checks the package, then installs it beside the others; a failure leaves what was there. */
export async function addPlugin({
  source,
  report,
  ...server
}: Server & {
  /** A name on the registry (with @version if wanted) or the path of a tarball. */
  readonly source: string;
  readonly report: (text: string) => void;
}): Promise<AddedPlugin> {
  return alone(server.data, async () => {
    const temp = await mkdtemp(`${storeDir(server.data)}.next-`);
    try {
      const file = await fetched(source, temp, { env: server.env ?? process.env, report });
      const tarball = await readTarball(file, source);
      const { name, version } = pluginManifest(tarball.manifest, { shownAs: source, sdkVersion: server.sdkVersion });
      report(`Installing ${name} ${version} …`);
      const before = readRecords(storeDir(server.data)).find((each) => each.name === name);
      const record: PluginRecord = {
        name,
        version,
        from: source,
        integrity: tarball.integrity,
        sha256: tarball.sha256,
        tarball: `packages/${name.replace('/', '+')}-${version}-${tarball.sha256.slice(0, 12)}.tgz`,
        added_at: new Date().toISOString(),
      };
      await change(server, async (staged, records) => {
        await copyFile(file, join(staged, record.tarball));
        return [...records.filter((each) => each.name !== name), record];
      });
      return { name, version, integrity: record.integrity, replaced: before?.version };
    } finally {
      await rm(temp, { recursive: true, force: true });
    }
  });
}

/** `revenge plugin remove`: takes the package and what only it needed away. Its data in the database stays. */
export async function removePlugin({
  name,
  ...server
}: Server & { readonly name: string }): Promise<{ readonly name: string; readonly version: string }> {
  return alone(server.data, async () => {
    const records = readRecords(storeDir(server.data));
    const found = records.find((each) => each.name === name);
    if (!found) {
      const names = records.map((each) => each.name).join(', ') || 'none';
      throw new KernelError('RV_USAGE', `'${name}' is no added plugin`, `Added ones: ${names}.`);
    }
    await change(server, (_, all) => Promise.resolve(all.filter((each) => each !== found && each.name !== name)));
    return { name, version: found.version };
  });
}

/** `revenge plugin list`: each added package, checked against what was added. */
export async function listPlugins({ data }: { readonly data: string }): Promise<readonly ListedPlugin[]> {
  const dir = storeDir(data);
  const rows: ListedPlugin[] = [];
  for (const { name, version, from, integrity, added_at, ...rest } of readRecords(dir)) {
    const problem = await problemOf(dir, { name, version, from, integrity, added_at, ...rest });
    const broken = problem && `${problem}; add it again`;
    rows.push({ name, version, from, integrity, added_at, intact: broken === undefined, broken });
  }
  return rows;
}

/** One command at a time, on a mended store; what the file system refuses is told in words. */
async function alone<T>(data: string, work: () => Promise<T>): Promise<T> {
  try {
    await mkdir(data, { recursive: true });
    return await locked(`${storeDir(data)}.lock`, async () => {
      await mendStore(storeDir(data));
      return work();
    });
  } catch (error) {
    const reason = DISK[(error as NodeJS.ErrnoException).code ?? ''];
    if (error instanceof KernelError || !reason) throw error;
    throw new KernelError(
      'RV_DATA',
      `The plugins in ${data} cannot be changed: ${reason}.`,
      'Mend that, or name another folder with --data.',
      {
        cause: error,
      },
    );
  }
}

async function change(
  { data, sdkDir, sdkVersion, env = process.env }: Server,
  edit: (staged: string, records: readonly PluginRecord[]) => Promise<readonly PluginRecord[]>,
): Promise<void> {
  const dir = storeDir(data);
  const staged = await stage(dir);
  try {
    const records = await edit(staged, readRecords(staged));
    await dropTarballs(staged, records);
    await writeStore(staged, records, sdkVersion);
    unlinkSdk(staged, sdkDir);
    await npm(['install', '--omit=dev', '--legacy-peer-deps'], { cwd: staged, env });
    linkSdk(staged, sdkDir);
    for (const record of records) {
      const problem = await problemOf(staged, record);
      if (problem) throw new KernelError('RV_PLUGIN', problem, `Add ${record.name} again, or remove it.`);
    }
    await swapIn(staged, dir);
  } finally {
    await rm(staged, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function dropTarballs(staged: string, records: readonly PluginRecord[]): Promise<void> {
  const kept = new Set(records.map(({ tarball }) => tarball));
  for (const name of await readdir(join(staged, 'packages')))
    if (!kept.has(`packages/${name}`)) await rm(join(staged, 'packages', name));
}

/** The tarball to look at, in a folder of ours: nobody changes it between the look and the installation. */
async function fetched(
  source: string,
  temp: string,
  { env, report }: { readonly env: Env; readonly report: (text: string) => void },
): Promise<string> {
  const copy = join(temp, 'package.tgz');
  if (/\.(tgz|tar\.gz)$/i.test(source) || /^[./~]|^[a-z]:\\/i.test(source)) {
    if (!/\.(tgz|tar\.gz)$/i.test(source) || !existsSync(source))
      throw new KernelError(
        'RV_USAGE',
        `'${source}' is no tarball that can be read`,
        'Pack a folder with `npm pack` first.',
      );
    await copyFile(resolve(source), copy);
    return copy;
  }
  const name = source.replace(/(?!^)@[\w.^~<>=*-]+$/, '');
  if (!PACKAGE_NAME.test(name))
    throw new KernelError(
      'RV_USAGE',
      `'${source}' is neither the name of a package nor the path of a .tgz file`,
      "Write a name such as 'revenge-plugin-example', or './example-1.0.0.tgz'.",
    );
  report(`Fetching ${source} …`);
  await npm(['pack', source, `--pack-destination=${temp}`], { cwd: temp, env });
  const [packed] = (await readdir(temp)).filter((each) => each.endsWith('.tgz'));
  if (!packed) throw new KernelError('RV_PLUGIN', `npm gave no tarball for ${source}`, 'Check the name.');
  return join(temp, packed);
}

/** undefined: kept tarball and installed files are those that were added. */
async function problemOf(dir: string, record: PluginRecord): Promise<string | undefined> {
  const { name, tarball: file } = record;
  const at = join(dir, file);
  if (!existsSync(at)) return `the tarball of ${name} is gone`;
  let tarball: Tarball;
  try {
    tarball = await readTarball(at, file);
  } catch (error) {
    if (error instanceof KernelError) return `the tarball of ${name} is broken: ${error.message}`;
    throw error;
  }
  if (tarball.integrity !== record.integrity) return `the tarball of ${name} is not the one that was added`;
  for (const [path, sum] of tarball.files) {
    // Bundled packages: npm and the linked SDK decide there. Ignore files: npm may rename them.
    if (path.startsWith('node_modules/') || /(^|\/)\.(git|npm)ignore$/.test(path)) continue;
    const installed = join(dir, 'node_modules', name, path);
    if (!existsSync(installed)) return `${path} of ${name} is missing`;
    const now = createHash('sha256')
      .update(await readFile(installed))
      .digest('hex');
    if (now !== sum) return `${path} of ${name} was changed after it was added`;
  }
  return undefined;
}
