import { existsSync } from 'node:fs';
import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a worker thread is started with. */
export interface WorkerFile {
  readonly filename: string;
  readonly execArgv: readonly string[];
}

/**
 * Where a worker's code is: `x.worker.js` beside the built caller, or `x.worker.ts` with a loader when the caller runs from source (tests,
 * as workers do not pass through Jest's transform). A test run that knows the build to be as new as the source sets
 * REVENGE_TEST_BUILT_WORKERS: a loader takes 0.2 s for each thread. `workerFile(import.meta.url, './hash.worker')`.
 */
export function workerFile(caller: string, name: string): WorkerFile {
  const built = fileURLToPath(new URL(`${name}.js`, caller));
  if (existsSync(built)) return { filename: built, execArgv: [] };
  const at = built.lastIndexOf(`${sep}src${sep}`);
  const beside = `${built.slice(0, at)}${sep}dist${sep}${built.slice(at + 5)}`;
  if (process.env['REVENGE_TEST_BUILT_WORKERS'] && existsSync(beside)) return { filename: beside, execArgv: [] };
  // The same way from src/ and from dist/.
  const loader = new URL('../../tools/source-loader.mjs', import.meta.url);
  return { filename: fileURLToPath(new URL(`${name}.ts`, caller)), execArgv: ['--import', loader.href] };
}
