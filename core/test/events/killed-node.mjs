/** A node in a process of its own: takes one event, never answers, and is killed by the test. */
import { event } from '@revenge/sdk';
import { z } from 'zod';
import { PostgresEvents } from '../../src/events/postgres-events.ts';
import { testNode } from '../jobs/test-nodes.ts';
import { emitter, hearer } from './test-events.ts';

const [url] = process.argv.slice(2);
const node = await testNode(url);
const timing = { leaseMs: 1_500 };
const events = new PostgresEvents({ ...node, authenticators: { current: () => undefined }, timing });
await events.start();
const payload = z.object({ id: z.string(), n: z.number() });
const token = event('library.movie-added@1.2', { payload, delivery: 'durable', key: 'id' });
const handle = () => {
  process.send('taken');
  return new Promise(() => undefined);
};
await events.listen({ owner: hearer, name: 'heard', token, handle, failed: () => undefined });
await events.emit(emitter, token, { id: 'm', n: 1 });
