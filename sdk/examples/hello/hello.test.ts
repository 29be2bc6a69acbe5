import { expect, test } from '@jest/globals';
import { createTestHost } from '@revenge/sdk/testing';
import hello from './hello.ts';

test('it greets by name', async () => {
  const host = await createTestHost(hello, { config: { greeting: 'Hi' } });
  try {
    const { status, body } = await host.request('GET /hello/:name', { params: { name: 'Ada' } });
    expect({ status, body }).toEqual({ status: 200, body: { text: 'Hi, Ada!' } });
  } finally {
    await host.stop();
  }
});
