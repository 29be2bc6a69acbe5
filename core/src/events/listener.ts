import type { Delivery, EventToken } from '@revenge/sdk';
import { type InstanceRef, instanceKey, runAs } from '../lifecycle/attribution.ts';
import { parsePayload } from './event-payload.ts';

export interface ListenerDef {
  readonly owner: InstanceRef;
  readonly name: string;
  readonly token: EventToken<unknown, unknown>;
  readonly handle: (payload: unknown, delivery: Delivery) => void | Promise<void>;
  readonly failed: (error: unknown) => void;
}

/** 'library movieAdded', 'radarr:uhd movieAdded': how a listener is remembered and named. */
export const listenerName = ({ owner, name }: Pick<ListenerDef, 'owner' | 'name'>): string =>
  `${instanceKey(owner)} ${name}`;

/** What the listener is told and may use up: time, then a grace after its signal. Milliseconds. */
export interface Patience {
  readonly timeoutMs: number;
  readonly graceMs: number;
}

/**
 * Calls the listener once, as its instance. Rejects with what it throws, with a Problem when the payload does not fit its schema, or when it did
 * not answer in time.
 */
export async function hear(
  listener: ListenerDef,
  payload: unknown,
  of: Omit<Delivery, 'signal'>,
  stop: AbortSignal,
  patience: Patience,
): Promise<void> {
  const parsed = await parsePayload(listener.token, payload);
  const controller = new AbortController();
  const abandoned = waiting(controller, stop, patience, listenerName(listener));
  try {
    const call = runAs(listener.owner, async () => listener.handle(parsed, { ...of, signal: controller.signal }));
    await Promise.race([call, abandoned.late]);
  } finally {
    abandoned.end();
  }
}

function waiting(
  controller: AbortController,
  stop: AbortSignal,
  { timeoutMs, graceMs }: Patience,
  name: string,
): { readonly late: Promise<never>; end(): void } {
  let fail: (error: Error) => void = () => undefined;
  const late = new Promise<never>((_, reject) => (fail = reject));
  let grace: NodeJS.Timeout | undefined;
  const abort = (why: string): void => {
    if (controller.signal.aborted) return;
    controller.abort(new DOMException(why, 'AbortError'));
    grace = setTimeout(
      () => fail(new Error(`listener ${name}: ${why}, and ignored its signal for ${graceMs / 1000} s more`)),
      graceMs,
    );
  };
  const stopped = (): void => abort('the instance stops');
  const timer = setTimeout(() => abort(`did not answer within ${timeoutMs / 1000} s`), timeoutMs);
  if (stop.aborted) stopped();
  else stop.addEventListener('abort', stopped, { once: true });
  return {
    late,
    end: () => {
      clearTimeout(timer);
      clearTimeout(grace);
      stop.removeEventListener('abort', stopped);
    },
  };
}
