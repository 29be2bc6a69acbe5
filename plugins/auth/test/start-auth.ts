import { createTestDatabase, type TestDatabase } from '../../../core/src/testing/postgres.ts';
import { Cable, SmallBus, type SmallKernel, startSmallKernel } from './small-kernel.ts';

export interface StartOptions {
  readonly config?: object;
  readonly now?: () => Date;
  /** Starts a further node beside that one: same database, same events. */
  readonly beside?: AuthUnderTest;
}
export interface AuthUnderTest extends SmallKernel {
  readonly database: TestDatabase;
  readonly bus: SmallBus;
  readonly cable: Cable;
}

/** The plugin on a database of its own (or beside another node). `stop` ends it, and with the first node the database. */
export async function startAuth({
  config = {},
  now = () => new Date(),
  beside,
}: StartOptions = {}): Promise<AuthUnderTest> {
  const database: TestDatabase = beside?.database ?? (await createTestDatabase());
  const bus = beside?.bus ?? new SmallBus();
  const cable = new Cable();
  const kernel = await startSmallKernel({ url: database.url, bus, cable, config, now });
  return {
    ...kernel,
    database,
    bus,
    cable,
    stop: async () => {
      await kernel.stop();
      if (!beside) await database.drop();
    },
  };
}

export const PASSWORD = 'correct horse';
export const account = (username: string) => ({ username, email: `${username}@example.org`, password: PASSWORD });

/** Registers and signs in; the first one is the administrator. */
export async function member(auth: AuthUnderTest, username: string) {
  const registered = await auth.request('POST /auth/register', { body: account(username) });
  if (registered.status !== 201)
    throw new Error(`register answered ${registered.status}: ${JSON.stringify(registered.body)}`);
  return { id: String(registered.body.id), ...(await signIn(auth, username)) };
}

export async function signIn(auth: AuthUnderTest, username: string, password = PASSWORD) {
  const { status, body } = await auth.request('POST /auth/login', { body: { username, password } });
  if (status !== 200) throw new Error(`login answered ${status}: ${JSON.stringify(body)}`);
  return { access: String(body.access_token), refresh: String(body.refresh_token) };
}
