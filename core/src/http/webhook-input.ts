import { Problem } from '@revenge/sdk';
import type { WebhookStore } from '../access/access-control.ts';
import type { InstanceRef } from '../lifecycle/attribution.ts';
import type { Exchange } from './exchange.ts';
import type { BodyInput } from './input/body-input.ts';
import { readBody } from './input/read-body.ts';
import type { KernelRequest } from './kernel-request.ts';

/** Stores the body, then parses it. false: the schema would not have it, which is answered 202 already, as senders give up after a 4xx. */
export async function takeWebhook(
  x: Exchange,
  request: KernelRequest,
  route: {
    readonly store: WebhookStore;
    readonly ref: InstanceRef;
    readonly key: string;
    readonly body: BodyInput | undefined;
    readonly limit: number;
  },
): Promise<boolean> {
  const raw = await readBody(x.req, route.limit);
  const { id, repeated } = await route.store.store(route.ref, route.key, raw, x.req.headers['content-type'] ?? '');
  request.webhook = { id, raw, repeated };
  try {
    if (route.body) request.body = await route.body.ofBytes(raw);
    return true;
  } catch (error) {
    if (!Problem.is(error) || error.status >= 500) throw error;
    await route.store.refuse(id, error.message);
    const headers = x.headers();
    headers.push('content-type', 'application/json; charset=utf-8', 'cache-control', 'no-store');
    x.send(202, headers, JSON.stringify({ id, state: 'refused', message: error.message }));
    return false;
  }
}
