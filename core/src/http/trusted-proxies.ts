import { BlockList, isIP } from 'node:net';

/** '::ffff:10.0.0.1' is 10.0.0.1, and a zone ('fe80::1%eth0') is not compared. */
export function plainAddress(address: string): string {
  const bare = address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
  const zone = bare.indexOf('%');
  return zone < 0 ? bare : bare.slice(0, zone);
}

/** Whose word about client, protocol and host counts. */
export class TrustedProxies {
  readonly #list = new BlockList();
  readonly any: boolean;

  /** Throws RangeError on what is neither an address nor a CIDR block. */
  constructor(blocks: readonly string[]) {
    this.any = blocks.length > 0;
    for (const block of blocks) this.#add(block);
  }

  #add(block: string): void {
    const [address = '', prefix] = block.split('/');
    const family = isIP(address);
    const bits = prefix === undefined ? undefined : Number(prefix);
    if (!family || (bits !== undefined && !(Number.isInteger(bits) && bits >= 0 && bits <= (family === 4 ? 32 : 128))))
      throw new RangeError(
        `server.trustedProxies: '${block}' is no address or block: write '10.0.0.0/8' or '10.0.0.2'`,
      );
    const kind = family === 4 ? 'ipv4' : 'ipv6';
    if (bits === undefined) this.#list.addAddress(address, kind);
    else this.#list.addSubnet(address, bits, kind);
  }

  trusts(address: string): boolean {
    const family = isIP(address);
    return family !== 0 && this.#list.check(address, family === 4 ? 'ipv4' : 'ipv6');
  }

  /** From the nearest hop back to the first that is not ours: that one is the client. */
  client(peer: string, forwardedFor: readonly string[]): string {
    let client = plainAddress(peer);
    for (let i = forwardedFor.length - 1; i >= 0 && this.trusts(client); i--) {
      const hop = plainAddress(hostOnly(forwardedFor[i] ?? ''));
      if (!isIP(hop)) break;
      client = hop;
    }
    return client;
  }
}

/** '1.2.3.4:567' and '[::1]:80' without their port. */
function hostOnly(hop: string): string {
  const trimmed = hop.trim().replace(/^"|"$/g, '');
  if (trimmed.startsWith('[')) return trimmed.slice(1, trimmed.indexOf(']'));
  return trimmed.includes('.') ? trimmed.replace(/:\d+$/, '') : trimmed;
}
