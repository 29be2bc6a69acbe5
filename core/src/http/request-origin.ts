import type { IncomingMessage } from 'node:http';
import { type InstanceRef, runningInstance } from '../lifecycle/attribution.ts';
import type { ClientView } from './client-view.ts';

/**
 * The instance a request is attributed to, with the origin its client reached us by: links made while it is handled then fit that client. Strings
 * alone, as timers begun in a handler keep it alive.
 */
export class RequestOrigin implements InstanceRef {
  readonly plugin: string;
  readonly instance: string;
  readonly #host: string | undefined;
  readonly #origin: string | undefined;

  constructor(ref: InstanceRef, view: ClientView, req: IncomingMessage) {
    this.plugin = ref.plugin;
    this.instance = ref.instance;
    this.#host = req.headers.host;
    this.#origin = view.proxies.any ? view.origin(req) : undefined;
  }

  get origin(): string | undefined {
    if (this.#origin !== undefined) return this.#origin;
    return this.#host !== undefined && /^[\w.:[\]-]+$/.test(this.#host) ? `http://${this.#host}` : undefined;
  }
}

/** Where links point: the public URL; else where the request being handled came to; else `fallback`, for jobs on a server without a public URL. */
export function linkOrigin(publicUrl: string | undefined, fallback: () => string): () => string {
  const fixed = publicUrl?.replace(/\/$/, '');
  return () => {
    if (fixed !== undefined) return fixed;
    const running = runningInstance();
    return (running instanceof RequestOrigin ? running.origin : undefined) ?? fallback();
  };
}
