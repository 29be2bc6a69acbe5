import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What to make, and where. */
export interface NewPlugin {
  /** The plugin's id: lower case letters, digits and dashes. */
  readonly name: string;
  /** The folder to make; it must not exist, or be empty. */
  readonly dir: string;
  /** The SDK to link while developing; without it the one of the registry is installed. */
  readonly sdkDir?: string;
  /** The root of the repository, for a plugin of its own workspace: takes the workspace's tools and is added to its tsconfig.json. */
  readonly workspace?: string;
}

const TEMPLATE = fileURLToPath(new URL('../../template/', import.meta.url));
const TAKEN = ['core', 'sdk', 'bench', 'plugins', 'jobs', 'events', 'docs', 'openapi', 'health'];

/**
 * Makes a plugin that compiles, passes its test, packs, and answers a route. Answers the files it made.
 * Refuses a name that is no id and a folder that holds something: nothing is ever overwritten.
 */
export async function newPlugin({ name, dir, sdkDir, workspace }: NewPlugin): Promise<readonly string[]> {
  checkName(name);
  await checkEmpty(dir);
  const { version } = JSON.parse(await readFile(join(TEMPLATE, '../package.json'), 'utf8')) as { version: string };
  const values = {
    NAME: name,
    UPPER: name.replaceAll('-', '_').toUpperCase(),
    TITLE: name.replace(/(^|-)([a-z0-9])/g, (_, dash: string, letter: string) => (dash && ' ') + letter.toUpperCase()),
    SDK_RANGE: `^${version.split('.').slice(0, 2).join('.')}`,
    SDK_VERSION: `^${version}`,
    SDK_SOURCE: sdkDir ? `file:${relative(resolve(dir), resolve(sdkDir)).replaceAll('\\', '/')}` : `^${version}`,
  };
  const made: string[] = [];
  for (const part of ['common', workspace ? 'workspace' : 'outside'])
    for (const path of await filesBelow(join(TEMPLATE, part))) {
      const target = join(dir, path === 'gitignore' ? '.gitignore' : path); // npm leaves a .gitignore out of a package
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, fill(await readFile(join(TEMPLATE, part, path), 'utf8'), values), { flag: 'wx' });
      made.push(target);
    }
  if (workspace) await addReference(workspace, dir);
  return made;
}

function checkName(name: string): void {
  if (!/^[a-z][a-z0-9-]{0,29}[a-z0-9]$/.test(name) || name.includes('--'))
    throw new Error(
      `'${name}' is no plugin name: use 2 to 31 lower case letters, digits and single dashes, a letter first, as in 'my-plugin'`,
    );
  if (TAKEN.includes(name)) throw new Error(`'${name}' is a name of the server's own: choose another`);
}

async function checkEmpty(dir: string): Promise<void> {
  const found = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    if (error.code === 'ENOTDIR') throw new Error(`${dir} is a file: name a folder that does not exist yet`);
    throw error;
  });
  if (found.length) throw new Error(`${dir} is not empty: nothing is overwritten; name another folder`);
}

const fill = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(/\{\{([A-Z_]+)\}\}/g, (whole, key: string) => values[key] ?? whole);

async function filesBelow(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(dir, join(entry.parentPath, entry.name)));
}

/** The list of references is data that people keep in order, so a line is added and the rest left as it is. */
async function addReference(workspace: string, dir: string): Promise<void> {
  const file = join(workspace, 'tsconfig.json');
  const text = await readFile(file, 'utf8');
  const path = relative(resolve(workspace), resolve(dir)).replaceAll('\\', '/');
  if (text.includes(`"${path}"`)) return;
  const end = text.lastIndexOf(']');
  const before = text.slice(0, end).trimEnd();
  if (end < 0 || !text.includes('"references"'))
    throw new Error(`${file} has no "references": add { "path": "${path}" }`);
  const comma = before.endsWith('[') ? '' : ',';
  await writeFile(file, `${before}${comma}\n    { "path": "${path}" }\n  ${text.slice(end)}`);
}
