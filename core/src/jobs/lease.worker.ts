import { parentPort, workerData } from 'node:worker_threads';
import pg from 'pg';
import { HEARTBEAT, HUNG, type LeaseData, type LeaseMessage } from './lease-protocol.ts';

/**
 * The thread that keeps this node's runs. Apart from the main thread, so that a busy loop there loses no job; but only while that thread shows
 * life within a minute, so that a hung one does not keep its jobs for ever. It also gives back what dead nodes left, on any node.
 */
// What LeaseThread starts this file with.
const { connection, node, leaseMs, renewMs, reapMs, hungMs, losses, shared } = workerData as LeaseData;
const life = new Int32Array(shared);
let client: pg.Client | undefined;

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
const tell = (message: LeaseMessage): void => parentPort?.postMessage(message);
const clock = (): number => performance.timeOrigin + performance.now();

async function connected(): Promise<pg.Client> {
  if (client) return client;
  const fresh = new pg.Client(connection);
  const lost = (): void => {
    if (client === fresh) client = undefined;
  };
  fresh.on('error', lost);
  fresh.on('end', lost);
  await fresh.connect();
  client = fresh;
  return fresh;
}

async function renew(): Promise<void> {
  const silent = (Math.floor(clock() / 1000) | 0) - Atomics.load(life, HEARTBEAT);
  const hung = silent * 1000 > hungMs;
  Atomics.store(life, HUNG, hung ? 1 : 0);
  if (hung) return;
  const began = clock();
  const text = `SELECT id, cancelled FROM core.job_renew($1, $2 * interval '1 millisecond')`;
  const { rows } = await (await connected()).query<{ id: string; cancelled: boolean }>(text, [node, leaseMs]);
  tell({
    began,
    kept: rows.map(({ id }) => id),
    cancelled: rows.filter(({ cancelled }) => cancelled).map(({ id }) => id),
  });
}

async function reap(): Promise<void> {
  await (await connected()).query('SELECT core.job_reap($1)', [losses]);
}

/** One after the other for ever; a failure is told and the next turn connects anew. */
async function every(ms: number, work: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await work();
    } catch (error) {
      tell({ error: error instanceof Error ? error.message : String(error) });
      const dead = client;
      client = undefined;
      await dead?.end().catch((ending: unknown) => tell({ error: String(ending) }));
    }
    await new Promise((done) => setTimeout(done, ms));
  }
}

parentPort?.on('message', () => {
  // Asked to stop. Ending the connection is a courtesy to the server's log; the thread goes either way.
  const going = client?.end() ?? Promise.resolve();
  going.then(
    () => process.exit(0),
    () => process.exit(0),
  );
});
void every(renewMs, renew);
void every(reapMs, reap);
