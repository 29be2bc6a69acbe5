import { isIPv4, isIPv6 } from 'node:net';

/** '::ffff:10.0.0.1' is '10.0.0.1'. */
const unmapped = (address: string): string => {
  const last = address.slice(address.lastIndexOf(':') + 1);
  return address.toLowerCase().startsWith('::ffff:') && isIPv4(last) ? last : address;
};

/** What one household or host has in common: the address, of IPv6 the /64. */
export function callerNetwork(address: string): string {
  const plain = unmapped(address);
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.split('%')[0]!.split('::'); // split answers at least one part
  const groups = head ? head.split(':') : [];
  const after = tail ? tail.split(':') : [];
  const whole =
    tail === undefined ? groups : [...groups, ...Array(8 - groups.length - after.length).fill('0'), ...after];
  return `${whole
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

export function isLoopback(address: string): boolean {
  const plain = unmapped(address);
  return plain === '::1' || (isIPv4(plain) && plain.startsWith('127.'));
}

/** Of a Host header or an origin: name or address, with or without a port. */
export function isLoopbackHost(host: string): boolean {
  const name = /^(\[[^\]]*\]|[^:]*)(:\d{1,5})?$/.exec(host.trim())?.[1]?.toLowerCase();
  if (name === undefined) return false;
  return name === 'localhost' || isLoopback(name.replace(/^\[|\]$/g, ''));
}
