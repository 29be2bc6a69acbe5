import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { problem } from '@revenge/sdk';
import { plainAddress, type TrustedProxies } from './trusted-proxies.ts';

/** Who called and what they wrote, as seen through the proxies we trust. Each part is worked out when asked for. */
export class ClientView {
  constructor(
    readonly proxies: TrustedProxies,
    readonly publicUrl: URL | undefined,
  ) {}

  #forwarded(req: IncomingMessage): boolean {
    return this.proxies.any && this.proxies.trusts(plainAddress(req.socket.remoteAddress ?? ''));
  }

  address(req: IncomingMessage): string {
    const peer = req.socket.remoteAddress ?? '';
    if (!this.#forwarded(req)) return plainAddress(peer);
    const listed = header(req, 'x-forwarded-for');
    const hops = listed ? listed.split(',') : forwardedParts(req, 'for');
    return this.proxies.client(peer, hops);
  }

  /** 'https://media.example' without a path. Throws Problem 400 where the client wrote no usable host. */
  origin(req: IncomingMessage): string {
    if (this.publicUrl) return this.publicUrl.origin;
    const trusted = this.#forwarded(req);
    const secure = (req.socket as Partial<TLSSocket>).encrypted === true;
    const scheme = (trusted && (first(req, 'x-forwarded-proto') ?? forwardedParts(req, 'proto').at(-1))) || undefined;
    const host = (trusted && (first(req, 'x-forwarded-host') ?? forwardedParts(req, 'host').at(-1))) || undefined;
    return originOf(scheme ?? (secure ? 'https' : 'http'), host ?? req.headers.host ?? 'localhost');
  }

  url(req: IncomingMessage, path: string): URL {
    const prefix = this.publicUrl?.pathname.replace(/\/$/, '') ?? '';
    try {
      return new URL(this.origin(req) + prefix + path);
    } catch (error) {
      throw problem.badRequest(
        `The address of this request cannot be read: ${error instanceof Error ? error.message : ''}`,
      );
    }
  }
}

function originOf(scheme: string, host: string): string {
  if (!/^https?$/.test(scheme) || !/^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i.test(host))
    throw problem.badRequest('The Host header is no host name.');
  return `${scheme}://${host}`;
}
function header(req: IncomingMessage, name: string): string | undefined {
  const value = req.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}
const first = (req: IncomingMessage, name: string): string | undefined => header(req, name)?.split(',')[0]?.trim();

/** RFC 7239: `Forwarded: for=…;proto=…, for=…`. */
function forwardedParts(req: IncomingMessage, part: string): string[] {
  const line = header(req, 'forwarded');
  if (!line) return [];
  return line.split(',').flatMap((hop) => {
    const pair = hop.split(';').find((p) => p.trim().toLowerCase().startsWith(`${part}=`));
    return pair
      ? [
          pair
            .trim()
            .slice(part.length + 1)
            .replace(/^"|"$/g, ''),
        ]
      : [];
  });
}
