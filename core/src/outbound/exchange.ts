import { NeedsAuth, UpstreamError } from '@revenge/sdk';
import type { KernelLog } from '../log/log.ts';
import { excerpt } from './answer-body.ts';
import { CallSignal, type OpenBodies } from './call-signal.ts';
import { isMisuse, nothingAnswered } from './failure.ts';
import type { Host, Hosts } from './hosts.ts';
import type { InstanceHooks } from './outbound.ts';
import { BadRedirect, fetchFollowing } from './redirects.ts';
import type { Request, Settings } from './request.ts';
import { asDuration, isWorthRetrying, pause, retryAfter } from './retry.ts';
import { sleep } from './sleep.ts';
import { shown } from './target.ts';

type Read<T> = (host: string, response: Response) => Promise<T> | T;
/** One try: a value, or an error with what the host said about another one. */
type Outcome<T> =
  | { readonly value: T }
  | { readonly error: unknown; readonly again: boolean; readonly waitMs?: number | undefined };

/** Sends requests for one instance: turn, breaker, tries. */
export class Exchange {
  constructor(
    readonly deps: {
      readonly hosts: Hosts;
      readonly hooks: InstanceHooks;
      readonly bodies: OpenBodies;
      readonly log: KernelLog;
      readonly fetch: typeof globalThis.fetch;
      readonly now: () => number;
      readonly random: () => number;
    },
  ) {}

  /** The timeout and the turn end with the headers; the signals go on to abort the body. */
  async streamed(settings: Settings, request: Request): Promise<Response> {
    const call = new CallSignal(request.signals);
    try {
      const response = await this.#tried(call.signal, settings, request, (_, answer) => answer);
      this.deps.bodies.keep(response.body, call);
      return response;
    } catch (error) {
      call.end();
      throw error;
    }
  }

  /** Timeout, turn and retries hold until `read` has the whole answer. */
  async whole<T>(settings: Settings, request: Request, read: Read<T>): Promise<T> {
    const call = new CallSignal(request.signals);
    try {
      return await this.#tried(call.signal, settings, request, read);
    } finally {
      call.end();
    }
  }

  async #tried<T>(signal: AbortSignal, settings: Settings, request: Request, read: Read<T>): Promise<T> {
    const host = this.deps.hosts.at(request.asked.url.host);
    for (let tried = 1; ; tried += 1) {
      signal.throwIfAborted();
      const outcome = await this.#inTurn(signal, settings, () => this.#once(signal, settings, host, request, read));
      if ('value' in outcome) return outcome.value;
      const wait = pause(tried, outcome.waitMs, this.deps.random);
      if (!outcome.again || tried >= request.attempts || wait === undefined) throw outcome.error;
      await sleep(wait, signal);
    }
  }

  async #inTurn<T>(signal: AbortSignal, { slots, rates }: Settings, work: () => Promise<T>): Promise<T> {
    const taken: (() => void)[] = [];
    try {
      for (const slot of slots) taken.push(await slot.take(signal));
      for (const rate of rates) await rate.turn(signal);
      return await work();
    } finally {
      for (const free of taken) free();
    }
  }

  async #once<T>(
    signal: AbortSignal,
    settings: Settings,
    host: Host,
    request: Request,
    read: Read<T>,
  ): Promise<Outcome<T>> {
    const closedFor = host.breaker.enter();
    if (closedFor > 0) {
      host.count('refused');
      return { error: this.#refused(host, closedFor), again: false };
    }
    const attempt = new Attempt(signal, request.timeoutMs);
    const started = performance.now();
    let status = 'error';
    try {
      const response = await fetchFollowing(this.deps.fetch, withSignal(request, attempt.signal));
      status = String(response.status);
      const outcome = await this.#judged(settings, host, request, response, read);
      if (!('value' in outcome) && response.status >= 500) this.#failed(host, `it answered ${status}`);
      else this.#succeeded(host);
      return outcome;
    } catch (error) {
      const failure = this.#broken(host, attempt, error, status, request);
      if (status === 'error') status = failure.status;
      return failure;
    } finally {
      attempt.end();
      const seconds = (performance.now() - started) / 1_000;
      host.count(status);
      host.duration.observe(seconds);
      this.deps.log.debug('request to another server', {
        method: request.asked.init.method,
        url: shown(request.asked.url),
        status,
        seconds,
      });
    }
  }

  async #judged<T>(
    { auth }: Settings,
    { name }: Host,
    { asked }: Request,
    response: Response,
    read: Read<T>,
  ): Promise<Outcome<T>> {
    const { status } = response;
    if (response.ok || (asked.init.redirect === 'manual' && status >= 300 && status < 400))
      return { value: await read(name, response) };
    const waitMs = retryAfter(response.headers.get('retry-after'), this.deps.now());
    const cause = new UpstreamError(name, status, await excerpt(response), asDuration(waitMs));
    if (auth !== undefined && (status === 401 || status === 403)) {
      const field = this.deps.hooks.configField?.(auth) ?? auth;
      const error = new NeedsAuth(`${name} refused the credentials (${status}): check ${field}`, auth, { cause });
      return { error, again: false };
    }
    return { error: cause, again: isWorthRetrying(status), waitMs };
  }

  /** No answer, or one that broke off. */
  #broken(
    host: Host,
    attempt: Attempt,
    error: unknown,
    status: string,
    { timeoutMs }: Request,
  ): Outcome<never> & { readonly status: string } {
    if (attempt.outer.aborted) {
      host.breaker.abandoned();
      return { error: attempt.outer.reason, again: false, status: 'cancelled' };
    }
    if (attempt.timedOut) {
      const reason = `no answer within ${timeoutMs} ms`;
      this.#failed(host, reason);
      return { error: new UpstreamError(host.name, undefined, reason, undefined), again: true, status: 'timeout' };
    }
    if (error instanceof BadRedirect) {
      this.#succeeded(host);
      return { error: new UpstreamError(host.name, undefined, error.message, undefined), again: false, status };
    }
    if (UpstreamError.is(error)) {
      this.#succeeded(host); // It answered, only not what was expected.
      return { error, again: false, status };
    }
    if (isMisuse(error)) {
      host.breaker.abandoned();
      return { error, again: false, status };
    }
    const failure = nothingAnswered(host.name, error);
    this.#failed(host, failure.body);
    return { error: failure, again: true, status };
  }

  #refused({ name, breaker }: Host, waitMs: number): UpstreamError {
    const reason = `not asked, as it failed ${breaker.failures} times in a row`;
    return new UpstreamError(name, undefined, reason, asDuration(waitMs));
  }

  #failed({ name, breaker }: Host, why: string): void {
    if (!breaker.failed()) return;
    const reason = `${name} failed ${breaker.failures} times in a row (${why}); it is tried again every 30 s`;
    this.deps.log.warn(reason);
    this.deps.hooks.degraded(name, reason);
  }

  #succeeded({ name, breaker }: Host): void {
    if (!breaker.succeeded()) return;
    this.deps.log.info(`${name} answers again`);
    this.deps.hooks.recovered(name);
  }
}

const withSignal = ({ asked }: Request, signal: AbortSignal): Request['asked'] => ({
  ...asked,
  init: { ...asked.init, signal },
});

/** One try with its own deadline, inside the call's signal. */
class Attempt {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  timedOut = false;

  constructor(
    readonly outer: AbortSignal,
    timeoutMs: number,
  ) {
    // Stays after the headers, so that the call can abort a body; it goes with the call's own signal.
    outer.addEventListener('abort', () => this.#controller.abort(outer.reason), { once: true });
    if (outer.aborted) this.#controller.abort(outer.reason);
    this.#timer = setTimeout(() => {
      this.timedOut = true;
      this.#controller.abort();
    }, timeoutMs);
  }
  get signal(): AbortSignal {
    return this.#controller.signal;
  }
  /** Ends the deadline. */
  end(): void {
    clearTimeout(this.#timer);
  }
}
