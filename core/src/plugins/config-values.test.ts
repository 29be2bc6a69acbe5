import { expect, test } from '@jest/globals';
import { defineContract, flag, secret } from '@revenge/sdk';
import { z } from 'zod';
import { checkGiven, givenFor, validConfig } from './config-values.ts';

const single = defineContract({
  id: 'tmdb',
  title: 'TMDb',
  sdk: '^1.0',
  config: z.object({
    apiKey: secret(z.string().min(4)),
    retries: z.int().default(3),
    hosts: flag('host-of', z.array(z.string()).default([])),
  }),
});
const many = defineContract({
  id: 'radarr',
  title: 'Radarr',
  sdk: '^1.0',
  instances: 'many',
  config: z.object({ url: z.url() }),
});
const main = { plugin: 'tmdb', instance: 'main' };
const from = (path: string, value: unknown) => ({ path: path.split('.'), value, source: `REVENGE__${path}` });

test('the environment is read by snake names and by type, and what it gives is locked', () => {
  const given = givenFor(
    single,
    main,
    [from('tmdb.api_key', 'abcd'), from('tmdb.retries', '5'), from('tmdb.hosts', '["a"]')],
    {},
  );
  expect(given.values).toEqual({ apiKey: 'abcd', retries: 5, hosts: ['a'] });
  expect(given.locked.apiKey).toBe('REVENGE__tmdb.api_key');
});

test('a flag wins over the environment', () => {
  const given = givenFor(single, main, [from('tmdb.hosts', '["a"]')], { 'host-of': ['b', 'c'] });
  expect([given.values.hosts, given.locked.hosts]).toEqual([['b', 'c'], '--host-of']);
});

test('an instance of many gets its own settings alone', () => {
  const settings = [from('radarr.uhd.url', 'http://a'), from('radarr.hd.url', 'http://b')];
  expect(givenFor(many, { plugin: 'radarr', instance: 'hd' }, settings, {}).values).toEqual({ url: 'http://b' });
});

test('mistakes are told before the start, each with its source; what may be stored is not asked for', async () => {
  await expect(checkGiven([single], [from('tmdb.api_key', 'abc'), from('tmdb.retries', 'many')], {})).rejects.toThrow(
    /REVENGE__tmdb\.api_key: [^]*REVENGE__tmdb\.retries: /,
  );
  await expect(checkGiven([single], [from('tmdb.retries', '2')], {})).resolves.toBeUndefined();
  await expect(checkGiven([single, many], [from('radarr.hd.url', 'nowhere')], {})).rejects.toThrow(/radarr\.hd\.url/);
  await expect(checkGiven([single], [from('other.x', '1')], {})).rejects.toThrow(/no plugin 'other'/);
});

test('a refused config names each field', async () => {
  await expect(validConfig(single, { apiKey: 'abc', retries: 1.5 })).rejects.toMatchObject({
    status: 422,
    extra: { errors: [{ path: 'apiKey' }, { path: 'retries' }] },
  });
});
