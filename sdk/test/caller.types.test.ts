/** Each mistake stands below a line that differs in nothing else and compiles. Read by the compiler, never run. */
import type { z } from 'zod';
import { client, definePlugin } from '../src/index.ts';
import { createTestHost } from '../src/testing/index.ts';
import { demo, type Movie } from './fixtures/demo.ts';

const api = client<typeof demo>({ base: '/api/v1/demo-plugin/uhd' });
const plugin = definePlugin(demo, async () => {
  throw new Error('never run');
});
const config = { url: 'http://r', apiKey: 'k' };
const services = { lib: { find: async () => 'x' } };
const movie: z.input<typeof Movie> = { id: '1', title: 'T' };
const file = new Blob(['']);

export async function calls(): Promise<void> {
  await api('GET /movies');
  // @ts-expect-error 119 a call is to a declared route
  await api('GET /films');
  await api('GET /movies/:id', { params: { id: '1' } });
  // @ts-expect-error 120 a call has the params of its route
  await api('GET /movies/:id');
  await api('PUT /movies/:movie', { params: { movie: '1' }, body: movie });
  // @ts-expect-error 121 a call has the body of its route
  await api('PUT /movies/:movie', { params: { movie: '1' }, body: { id: '1' } });
  await api('GET /movies', { query: { genre: ['a'] } });
  // @ts-expect-error 122 a call has the query of its route
  await api('GET /movies', { query: { genre: 'a' } });
  await api('POST /avatar', { body: { file } });
  // @ts-expect-error 123 an upload is a Blob
  await api('POST /avatar', { body: { file: 'me.png' } });
  const found = await api('GET /movies/:id', { params: { id: '1' } });
  void (found.status === 200 && found.body.title);
  // @ts-expect-error 124 an answer has the body of its status
  void (found.status === 404 && found.body.title);
  void (found.status === 404);
  // @ts-expect-error 125 an answer has a declared status
  void (found.status === 409);
  for await (const { data } of (await api('GET /events')).body) {
    void data.n;
    // @ts-expect-error 126 a message of a stream is that of its schema
    void data.m;
  }
  client<typeof demo>({ reconnect: true, base: '/' });
  // @ts-expect-error 127 a client says where the server is
  client<typeof demo>({ reconnect: true });
}

export async function hosts(): Promise<void> {
  await createTestHost(plugin, { config, services });
  // @ts-expect-error 128 a test gives the config that has no default
  await createTestHost(plugin, { services });
  await createTestHost(plugin, { config: { url: 'http://r', apiKey: 'k' }, services });
  // @ts-expect-error 129 a test's config is that of the schema, versioned or not
  await createTestHost(plugin, { config: { url: 'http://r', apiKey: 1 }, services });
  await createTestHost(plugin, { config, services: { lib: {} } });
  // @ts-expect-error 130 a test stands in for every service that is needed
  await createTestHost(plugin, { config, services: {} });
  const host = await createTestHost(plugin, { config, services: { lib: { find: async () => 'x' } } });
  // @ts-expect-error 131 who stands in for a service answers as it does
  await createTestHost(plugin, { config, services: { lib: { find: async () => 1 } } });
  await host.runJob('sync', { full: true });
  // @ts-expect-error 132 a test runs a declared job
  await host.runJob('scan', { full: true });
  await host.clock.advance('1h');
  // @ts-expect-error 133 a test moves its clock by a time with a unit
  await host.clock.advance(3600);
  void host.emitted[0]?.payload.id;
  // @ts-expect-error 134 what was emitted has the event's payload
  void host.emitted[0]?.payload.name;
}
