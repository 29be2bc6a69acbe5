import type { JobHandler } from '@revenge/sdk';
import type { contract } from '../contract.ts';
import { Scan, type ScanParts } from '../scan/scan.ts';

export const scan =
  (parts: ScanParts): JobHandler<typeof contract, 'scan'> =>
  async (run) => {
    await Scan.run(parts, run);
  };
