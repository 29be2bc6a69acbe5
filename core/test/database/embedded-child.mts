import pg from 'pg';
import { startEmbedded } from '../../src/database/embedded/start-embedded.ts';
import type { KernelLog } from '../../src/log/log.ts';
import { QUICK } from './embedded-server.ts';

/** A server of its own process for tests that kill it: embedded-child.mts DATA [SQL…], each SQL left open in a transaction. */
const [data = '', ...statements] = process.argv.slice(2);
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
const log: KernelLog = {
  debug: () => undefined,
  info: (log) => say({ log }),
  warn: (log) => say({ log }),
  error: (log) => say({ log: String(log) }),
  child: () => log,
  flush: () => undefined,
};
try {
  const began = performance.now();
  const embedded = await startEmbedded({
    data,
    log,
    apiPort: 18_096,
    onLost: (lost) => say({ lost }),
    settings: QUICK,
  });
  const took = performance.now() - began;
  const client = new pg.Client(embedded.connection);
  client.on('error', () => undefined);
  await client.connect();
  const rows: unknown[] = [];
  for (const sql of statements) rows.push((await client.query(sql)).rows);
  say({ ready: embedded.pid, version: embedded.version, node: process.pid, uid: process.getuid?.(), took, rows });
  process.on('SIGTERM', () => {
    client
      .end()
      .then(() => embedded.stop())
      .then(
        () => process.exit(0),
        (error: unknown) => {
          say({ error: String(error) });
          process.exit(1);
        },
      );
  });
} catch (error) {
  say({ error: error instanceof Error ? error.message : String(error) });
  process.exit(1);
}
