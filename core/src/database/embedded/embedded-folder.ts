import { chmodSync, existsSync, lchownSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Binaries } from './binaries.ts';
import { initCluster, own, PASSWORD_FILE } from './init-cluster.ts';
import { type ServerUser, serverUser } from './server-user.ts';

export interface EmbeddedFolder {
  /** DATA/postgres/<major> */
  readonly data: string;
  readonly log: string;
  readonly socket: string;
  readonly user: ServerUser | undefined;
  readonly password: string;
}

/** Makes DATA/postgres and the cluster in it where they are missing. */
export async function prepareFolder(root: string, binaries: Binaries): Promise<EmbeddedFolder> {
  const postgres = resolve(root, 'postgres');
  const data = join(postgres, binaries.major);
  mkdirSync(postgres, { recursive: true, mode: 0o700 });
  refuseAnothers(postgres);
  refuseOtherMajor(postgres, binaries.major);
  if (process.getuid?.() === 0) letPass(root);
  const owner = statSync(data, { throwIfNoEntry: false })?.uid;
  const user = serverUser([resolve(root), binaries.postgres], owner);
  own(postgres, user);
  chmodSync(postgres, 0o700);
  if (user && owner !== undefined && owner !== user.uid) giveAway(postgres, user);
  if (!existsSync(join(data, 'PG_VERSION'))) await initCluster({ binaries, user, folder: data });
  const version = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim();
  if (version !== binaries.major) throw otherMajor(data, version, binaries.major);
  const socket = join(postgres, 'run');
  mkdirSync(socket, { recursive: true, mode: 0o700 });
  own(socket, user);
  const password = readFileSync(join(data, PASSWORD_FILE), 'utf8').trim();
  return { data, log: join(postgres, `${binaries.major}.log`), socket, user, password };
}

/** The data folder is ours: postgres may walk through it to its own part, which nobody else may enter. Secrets beside it are files of mode 0600. */
function letPass(root: string): void {
  const { mode } = statSync(root);
  if ((mode & 0o001) === 0) chmodSync(root, (mode & 0o777) | 0o011);
}

/** The folder was moved to where another user runs PostgreSQL. */
function giveAway(postgres: string, user: ServerUser): void {
  for (const name of readdirSync(postgres, { recursive: true, encoding: 'utf8' }))
    lchownSync(join(postgres, name), user.uid, user.gid);
}

function refuseAnothers(postgres: string): void {
  const { uid } = statSync(postgres);
  const me = process.getuid?.() ?? uid;
  if (me !== 0 && uid !== me)
    throw new Error(
      `${postgres} belongs to user id ${uid}, this server runs as ${me}: start it as it was started before (root, if that was so), ` +
        `or give the folder away with 'chown -R ${me} ${postgres}'`,
    );
}

/** Data of another major version cannot be opened, and starting empty beside it would look like a loss. */
function refuseOtherMajor(postgres: string, major: string): void {
  const majors = readdirSync(postgres).filter((name) => existsSync(join(postgres, name, 'PG_VERSION')));
  const [other] = majors.filter((name) => /^\d+$/.test(name));
  if (other !== undefined && !majors.includes(major)) throw otherMajor(join(postgres, other), other, major);
}

const otherMajor = (folder: string, found: string, major: string): Error =>
  new Error(
    `${folder} holds data of PostgreSQL ${found}; this Revenge brings PostgreSQL ${major}, which cannot open it. ` +
      `Run the Revenge that made it, dump the database with pg_dump ${found} or later, move the folder away, start this one and restore the dump; ` +
      `or set DATABASE_URL to a PostgreSQL ${found} that serves the dump`,
  );
