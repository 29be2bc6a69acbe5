/** Lets a worker thread run from source: `--import tsx` alone registers on the main thread only. See src/plugin/worker-file.ts. */
import { register } from 'tsx/esm/api';

register();
