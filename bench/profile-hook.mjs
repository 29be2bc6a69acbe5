// Loaded into every process of a profiled benchmark (bench/profile.mjs): node's own --cpu-prof may not stand in NODE_OPTIONS before Node 22.
import { Session } from 'node:inspector';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';

const { REVENGE_PROFILE: kind, REVENGE_PROFILE_DIR: folder = '.' } = process.env;
const [start, stop, ending] =
  kind === 'heap'
    ? ['HeapProfiler.startSampling', 'HeapProfiler.stopSampling', 'heapprofile']
    : ['Profiler.start', 'Profiler.stop', 'cpuprofile'];

if (isMainThread) {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post(start);
  // In-process sessions answer at once, so that this is done before the process ends.
  process.once('exit', () =>
    session.post(stop, (error, answer) => {
      if (error) throw error;
      writeFileSync(join(folder, `${process.pid}.${ending}`), JSON.stringify(answer.profile));
    }),
  );
}
