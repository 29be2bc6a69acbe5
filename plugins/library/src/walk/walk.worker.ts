import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { BatchWriter } from './batch-writer.ts';
import { TreeReader } from './tree-reader.ts';
import type { WalkMessage, WalkOrder } from './walk-protocol.ts';

// Only walker.ts starts this file, with a WalkOrder.
const order = workerData as WalkOrder;
const post = (message: WalkMessage, transfer: readonly ArrayBuffer[]): void =>
  parentPort?.postMessage(message, [...transfer]);
// Only Linux gives a thread a priority of its own; elsewhere this would slow the whole server.
if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
const writer = new BatchWriter(order, post);
new TreeReader(order.root, writer).read();
writer.flush();
post({ done: true }, []);
