import type { Authenticator } from '@revenge/sdk';

/** The one way the kernel learns who calls: the Authenticator of whichever plugin provides it. undefined while none is ready. */
export interface Authenticators {
  current(): Authenticator | undefined;
}
