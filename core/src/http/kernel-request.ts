import type { Identity, ReplyInit, User, Webhook } from '@revenge/sdk';
import type { Exchange } from './exchange.ts';
import { languagesOf } from './languages.ts';
import { parseCookies } from './output/cookies.ts';

/** What a handler gets. What costs something and few ask for is worked out when asked: most requests never do. */
export class KernelRequest {
  readonly #x: Exchange;
  #identity: Identity | undefined;
  #url: URL | undefined;
  #headers: Headers | undefined;
  #cookies: Readonly<Record<string, string>> | undefined;
  #client: { readonly address: string; readonly agent: string } | undefined;
  #languages: readonly string[] | undefined;
  #signal: AbortSignal | undefined;
  params: unknown;
  query: unknown = {};
  body: unknown = undefined;
  user: User | undefined;
  webhook: Webhook | undefined;

  constructor(x: Exchange, params: unknown) {
    this.#x = x;
    this.params = params;
  }

  signIn(identity: Identity, user: User): void {
    this.#identity = identity;
    this.user = user;
  }

  get id(): string {
    return this.#x.id;
  }
  get url(): URL {
    return (this.#url ??= this.#x.scope.view.url(this.#x.req, this.#x.target));
  }
  get headers(): Headers {
    return (this.#headers ??= headersOf(this.#x.req.rawHeaders));
  }
  get cookies(): Readonly<Record<string, string>> {
    return (this.#cookies ??= parseCookies(this.#x.req.headers.cookie));
  }
  get client(): { readonly address: string; readonly agent: string } {
    return (this.#client ??= {
      address: this.#x.scope.view.address(this.#x.req),
      agent: this.#x.req.headers['user-agent'] ?? '',
    });
  }
  get languages(): readonly string[] {
    return (this.#languages ??= languagesOf(this.#identity?.languages ?? [], this.#x.req.headers['accept-language']));
  }
  get lastEventId(): string | undefined {
    const id = this.#x.req.headers['last-event-id'];
    return typeof id === 'string' && id !== '' && id.length <= 256 ? id : undefined;
  }
  get signal(): AbortSignal {
    return (this.#signal ??= signalOf(this.#x));
  }
  /** Free of `this`: handlers take it apart. */
  readonly reply = makeReply;
}

function makeReply(status: number, body?: unknown, init?: ReplyInit): object {
  return { ...init, status, body, '~reply': true };
}

function headersOf(raw: readonly string[]): Headers {
  const headers = new Headers();
  for (let i = 0; i + 1 < raw.length; i += 2) headers.append(raw[i] ?? '', raw[i + 1] ?? '');
  return headers;
}

/** Aborted when the client goes before its answer, or the generation that answers has to go. */
function signalOf(x: Exchange): AbortSignal {
  const controller = new AbortController();
  const stopping = x.mounted?.signal;
  const stop = (): void => controller.abort(stopping?.reason);
  if (stopping?.aborted || x.over) stop();
  stopping?.addEventListener('abort', stop, { once: true });
  x.onEnd(() => {
    stopping?.removeEventListener('abort', stop);
    if (!x.res.writableFinished) controller.abort(new DOMException('The client is gone', 'AbortError'));
  });
  return controller.signal;
}
