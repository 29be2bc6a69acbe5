import { expect, test } from '@jest/globals';
import { createTestHost } from '@revenge/sdk/testing';
import plugin from '../src/plugin.ts';

// #region test
test('a note is stored, told of, and counted', async () => {
  const host = await createTestHost(plugin, { config: { max: 1 }, as: { id: 'ada' } });
  try {
    const { status, body } = await host.request('POST /', { body: { text: ' Buy milk ' } });
    expect({ status, text: body.text }).toEqual({ status: 201, text: 'Buy milk' });
    expect(host.emitted).toEqual([{ name: 'noteAdded', payload: { id: body.id, user_id: 'ada', text: 'Buy milk' } }]);

    await expect(host.request('POST /', { body: { text: 'Two' } })).rejects.toMatchObject({ status: 409 });
    expect(await host.provides.notes.count('ada')).toBe(1);
  } finally {
    await host.stop();
  }
});
// #endregion

test('old notes go by the job, and the others stay', async () => {
  const host = await createTestHost(plugin, { config: {}, as: { id: 'ada' }, now: new Date('2026-01-01') });
  try {
    await host.request('POST /', { body: { text: 'Old' } });
    await host.runJob('tidy', { days: 1 });
    expect((await host.request('GET /')).body.items).toHaveLength(1);
    await host.clock.advance('48h');
    await host.runJob('tidy', { days: 1 });
    expect((await host.request('GET /')).body.items).toEqual([]);
  } finally {
    await host.stop();
  }
});
