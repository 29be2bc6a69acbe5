import type { Authenticator, ContractDef, SignedLink } from '@revenge/sdk';
import type { InstanceRef } from '../lifecycle/attribution.ts';

/** The one way the kernel learns who calls: the Authenticator of whichever plugin provides it. undefined while none is ready. */
export interface Authenticators {
  current(): Authenticator | undefined;
}

/** What ctx.url is made of: absolute links to an instance's own routes, signed or not. */
export interface LinkMaker {
  /** Throws RangeError for a parameter that is missing. */
  url(
    ref: InstanceRef,
    contract: ContractDef,
    key: string,
    init: {
      readonly params?: Readonly<Record<string, unknown>>;
      readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
      readonly signed?: SignedLink;
    },
  ): string;
}
