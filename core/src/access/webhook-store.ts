import type { InstanceRef } from '../lifecycle/attribution.ts';

export interface Delivery {
  readonly id: string;
  /** The same bytes came to this route within the last day. */
  readonly repeated: boolean;
}

/** Where webhook bodies are kept before anybody looks at them. */
export interface WebhookStore {
  /** Resolves once it is stored for good. */
  store(ref: InstanceRef, route: string, raw: Buffer, type: string): Promise<Delivery>;
  /** Its schema or handler would not have it. */
  refuse(id: string, why: string): Promise<void>;
}
