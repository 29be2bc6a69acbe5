import { constants, setPriority } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { probeFile } from './probe-file.ts';
import type { ProbeResult } from './probe-result.ts';

export interface ProbeAnswer {
  readonly result: ProbeResult;
  /** Bytes this thread's heap holds now, with what lies outside it. */
  readonly heap: number;
}

// Only Linux gives a thread a priority of its own; elsewhere this would slow the whole server.
if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

/** The task of the pool: one path, one answer. */
export default async function probe(path: string): Promise<ProbeAnswer> {
  const result = await probeFile(path);
  const { total_heap_size, external_memory } = getHeapStatistics();
  return { result, heap: total_heap_size + external_memory };
}
