import { expect, test } from '@jest/globals';
import { createTestHost } from '@revenge/sdk/testing';
import plugin from '../src/plugin.ts';

test('it greets by name', async () => {
  const host = await createTestHost(plugin, { config: { greeting: 'Hi' } });
  try {
    const { status, body } = await host.request('GET /hello/:name', { params: { name: 'Ada' } });
    expect({ status, body }).toEqual({ status: 200, body: { text: 'Hi, Ada!' } });
  } finally {
    await host.stop();
  }
});
