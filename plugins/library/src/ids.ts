import { uuidV7 } from '@revenge/sdk';

/** Makes the ids of one instance; injected, so that a test can tell them. */
export class Ids {
  next(): string {
    return uuidV7();
  }
}
