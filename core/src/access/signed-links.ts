import { createHmac, timingSafeEqual } from 'node:crypto';
import { routePath, type ContractDef, type SignedLink } from '@revenge/sdk';
import { instanceKey, type InstanceRef } from '../lifecycle/attribution.ts';
import type { PathParams, Ticket, Tickets } from './access-control.ts';
import { milliseconds } from '../lifecycle/duration.ts';

type Params = Readonly<Record<string, unknown>>;
export interface LinkInit {
  readonly params?: Params;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly signed?: SignedLink;
}

/** Short names, as the payload travels in every URL. `e`: seconds since 1970. */
interface Payload {
  readonly i: string;
  readonly u: string;
  readonly c?: string;
  readonly e: number;
  readonly p: Readonly<Record<string, string>>;
}
const LONGEST = 2_048;

/** Links that let one user in for a while, to the signed routes of one instance. The ticket is the first segment below /api/v1: `~payload.mac`. */
export class SignedLinks implements Tickets {
  readonly #key: Buffer;
  readonly #origin: () => string;
  readonly #now: () => number;

  /** `key`: 32 secret bytes, the same on every node. `origin`: 'https://media.example/base', without a slash at its end. */
  constructor(deps: { readonly key: Buffer; readonly origin: () => string; readonly now?: () => number }) {
    if (deps.key.byteLength < 32) throw new RangeError('the key of signed links has to have 32 bytes or more');
    this.#key = deps.key;
    this.#origin = deps.origin;
    this.#now = deps.now ?? Date.now;
  }

  /** ctx.url of one instance. */
  url(ref: InstanceRef, contract: ContractDef, key: string, init: LinkInit = {}): string {
    const full = routePath(contract, key, ref.instance).split(' ')[1] ?? '';
    const path = full.replace(/([:*])([^/]+)/g, (_, sign: string, name: string) => fill(sign, name, init.params));
    const ticket = init.signed ? `/${this.#ticket(ref, init.signed, init.params ?? {})}` : '';
    const query = new URLSearchParams(
      Object.entries(init.query ?? {}).flatMap(([n, v]): [string, string][] =>
        v === undefined ? [] : [[n, String(v)]],
      ),
    );
    return `${this.#origin()}/api/v1${ticket}${path.slice('/api/v1'.length)}${query.size ? `?${query.toString()}` : ''}`;
  }

  #ticket(ref: InstanceRef, link: SignedLink, params: Params): string {
    const payload: Payload = {
      i: instanceKey(ref),
      u: link.user,
      ...(link.credential !== undefined && { c: link.credential }),
      e: Math.floor((this.#now() + milliseconds(link.for)) / 1_000),
      p: Object.fromEntries(Object.entries(params).map(([n, v]) => [n, String(v)])),
    };
    const text = Buffer.from(JSON.stringify(payload)).toString('base64url');
    return `~${text}.${this.#mac(text).toString('base64url')}`;
  }

  #mac(text: string): Buffer {
    return createHmac('sha256', this.#key).update(text).digest();
  }

  verify(ticket: string): Ticket | undefined {
    const dot = ticket.indexOf('.');
    if (!ticket.startsWith('~') || dot < 0 || ticket.length > LONGEST) return undefined;
    const text = ticket.slice(1, dot);
    const shown = Buffer.from(ticket.slice(dot + 1), 'base64url');
    const mac = this.#mac(text);
    if (shown.byteLength !== mac.byteLength || !timingSafeEqual(shown, mac)) return undefined;
    // signed by us, so shaped by us
    const payload = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as Payload;
    if (payload.e * 1_000 <= this.#now()) return undefined;
    return { instance: payload.i, user: payload.u, credential: payload.c, params: payload.p };
  }

  opens(ticket: Ticket, ref: InstanceRef, params: PathParams): boolean {
    if (ticket.instance !== instanceKey(ref)) return false;
    return Object.entries(ticket.params).every(([name, value]) => params[name] === undefined || params[name] === value);
  }
}

function fill(sign: string, name: string, params: Params | undefined): string {
  const value = params?.[name];
  if (value === undefined) throw new RangeError(`url(): the parameter '${name}' is missing`);
  return sign === '*' ? String(value).split('/').map(encodeURIComponent).join('/') : encodeURIComponent(String(value));
}
