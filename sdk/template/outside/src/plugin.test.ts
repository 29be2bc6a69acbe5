import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestHost } from '@revenge/sdk/testing';
import plugin from './plugin.ts';

test('it greets by name', async () => {
  const host = await createTestHost(plugin, { config: { greeting: 'Hi' } });
  try {
    const { status, body } = await host.request('GET /hello/:name', { params: { name: 'Ada' } });
    assert.deepEqual({ status, body }, { status: 200, body: { text: 'Hi, Ada!' } });
  } finally {
    await host.stop();
  }
});
