import { expect, test } from '@jest/globals';
import { startUpstream } from './upstream.ts';

test('recorded replies are replayed, in order and as often as they say, and calls are kept', async () => {
  const upstream = await startUpstream([
    { path: '/a', times: 1, status: 503, headers: { 'retry-after': '1' } },
    { path: '/a', json: { n: 1 } },
    { method: 'POST', path: '/b?x=1', text: 'made', status: 201 },
  ]);
  try {
    const statuses = [];
    for (const url of ['/a?any=query', '/a']) statuses.push((await fetch(upstream.url + url)).status);
    const made = await fetch(`${upstream.url}/b?x=1`, { method: 'POST', body: 'hello' });
    expect([...statuses, made.status, await made.text()]).toEqual([503, 200, 201, 'made']);
    expect(upstream.calls.map(({ method, path, body }) => ({ method, path, body }))).toEqual([
      { method: 'GET', path: '/a?any=query', body: '' },
      { method: 'GET', path: '/a', body: '' },
      { method: 'POST', path: '/b?x=1', body: 'hello' },
    ]);
    expect(upstream.unexpected).toEqual([]);
  } finally {
    await upstream.stop();
  }
});

test('a request that nothing was recorded for is answered 501 and kept', async () => {
  const upstream = await startUpstream([{ method: 'POST', path: '/a' }]);
  try {
    const response = await fetch(`${upstream.url}/a`);
    expect([response.status, await response.text()]).toEqual([501, 'no recorded reply for GET /a']);
    expect(upstream.unexpected).toEqual(['GET /a']);
  } finally {
    await upstream.stop();
  }
});

test('stop cuts what is open', async () => {
  const upstream = await startUpstream([]);
  await upstream.stop();
  await expect(fetch(upstream.url)).rejects.toThrow('fetch failed');
});
