import { expect, test } from '@jest/globals';
import { callerNetwork, isLoopback, isLoopbackHost } from './address.ts';

test.each([
  ['10.1.2.3', '10.1.2.3'],
  ['::ffff:10.1.2.3', '10.1.2.3'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:db8::9', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['unknown', 'unknown'],
])('the network of %s is %s', (address, network) => {
  expect(callerNetwork(address)).toBe(network);
});

test.each([
  ['127.0.0.1', true],
  ['127.8.8.8', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['::ffff:10.0.0.1', false],
  ['10.0.0.1', false],
  ['127.evil', false],
  ['', false],
])('whether %s is loopback: %s', (address, is) => {
  expect(isLoopback(address)).toBe(is);
});

test.each([
  ['localhost', true],
  ['LOCALHOST:8096', true],
  ['127.0.0.1:1', true],
  ['[::1]:8096', true],
  ['[::1]', true],
  ['localhost.evil', false],
  ['127.0.0.1.evil', false],
  ['evil:127.0.0.1', false],
  ['localhost:8096:1', false],
  ['[::2]', false],
  ['', false],
])('whether the host %s is loopback: %s', (host, is) => {
  expect(isLoopbackHost(host)).toBe(is);
});
