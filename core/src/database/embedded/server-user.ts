import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Whom postgres runs as; undefined: as we do. */
export interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** What to put before the command: it then runs as root's own, in a namespace where it is `name` and has no more than root's files. */
  readonly wrap?: readonly string[];
}

const PREFERRED = ['postgres', 'nobody', 'daemon'];

/**
 * PostgreSQL refuses to run as root: then an existing unprivileged user is taken, one that can reach `folders`. `owner` (of a cluster made
 * earlier) comes first. No user is ever created.
 */
export function serverUser(folders: readonly string[], owner?: number): ServerUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = candidates(owner);
  if (!users.length)
    throw new Error(
      `Revenge runs as root and PostgreSQL must not; no user named ${PREFERRED.join(', ')} exists to run it. ` +
        'Start Revenge as an ordinary user, or set DATABASE_URL',
    );
  const closed = new Map(users.map((user) => [user, folders.map((each) => barrier(each, user)).find(Boolean)]));
  const user = users.find((each) => closed.get(each) === undefined);
  if (user) return user;
  const [first] = users as [ServerUser];
  const within = insideNamespace(first, folders);
  if (within) return within;
  throw new Error(
    `Revenge runs as root and PostgreSQL must not: it would run as '${first.name}', who may not enter ${closed.get(first)}. ` +
      `Move it somewhere that other users may enter, such as /srv or /var/lib (--data for the data folder), run 'chmod o+x ${closed.get(first)}', ` +
      'start Revenge as an ordinary user, or set DATABASE_URL',
  );
}

/**
 * For a server below /root, where no other user may go: Linux can run PostgreSQL in a user namespace in which root bears an unprivileged id.
 * Second choice, as it may then write root's files; undefined where the machine does not allow it.
 */
function insideNamespace({ name, uid, gid }: ServerUser, folders: readonly string[]): ServerUser | undefined {
  const root = { name: 'root', uid: 0, gid: 0 };
  if (process.platform !== 'linux' || folders.some((folder) => barrier(folder, root))) return undefined;
  const wrap = ['unshare', '--user', `--map-user=${uid}`, `--map-group=${gid}`, '--'];
  const [command = '', ...args] = [...wrap, 'true'];
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0 ? { ...root, name, wrap } : undefined;
}

/** The command as this user runs it: what to spawn, and with which options. */
export function asUser(user: ServerUser | undefined, command: string, args: readonly string[]) {
  const [first = command, ...rest] = [...(user?.wrap ?? []), command, ...args];
  return { command: first, args: rest, ids: user && !user.wrap ? { uid: user.uid, gid: user.gid } : {} };
}

function candidates(owner: number | undefined): ServerUser[] {
  const all = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))
    .filter(({ uid }) => Number.isInteger(uid) && uid > 0);
  const before = owner
    ? [all.find(({ uid }) => uid === owner) ?? { name: `uid ${owner}`, uid: owner, gid: owner }]
    : [];
  return [...before, ...PREFERRED.flatMap((name) => all.find((user) => user.name === name) ?? [])];
}

/** The nearest folder to the root, from `folder` up, that this user cannot pass. */
function barrier(folder: string, { uid, gid }: ServerUser): string | undefined {
  const parent = dirname(folder);
  const above = parent === folder ? undefined : barrier(parent, { name: '', uid, gid });
  if (above !== undefined) return above;
  const stat = statSync(folder, { throwIfNoEntry: false });
  if (!stat) return undefined;
  const bit = stat.uid === uid ? 0o100 : stat.gid === gid ? 0o010 : 0o001;
  return stat.mode & bit ? undefined : folder;
}
