/** Each mistake stands below a line that differs in nothing else and compiles. Read by the compiler, never run. */
import { z } from 'zod';
import { bytes, defineContract, definePlugin, event, nothing, NotReady, optional } from '../src/index.ts';
import { redirect, type RouteHandler, secret, service, sse, type JobHandler } from '../src/index.ts';

interface Library {
  find(id: string): Promise<string | undefined>;
}
const Lib = service<Library>('library.library@1.0');
const Other = service<{ ping(): Promise<void> }>('other.other@1.0');
const Added = event('x.added@1.0', { payload: z.object({ id: z.string() }), delivery: 'durable' });
const Done = event('x.done@1.0', { payload: z.object({ count: z.int() }), delivery: 'live' });
const x = { id: 'x', title: 'X', sdk: '^1.0' } as const;

const contract = defineContract({
  ...x,
  config: { schema: z.object({ url: z.string(), apiKey: secret(z.string()) }), version: 1, migrate: {} },
  needs: { library: Lib, other: optional(Other) },
  emits: { done: Done },
  listens: { added: Added },
  permissions: { edit: 'Edit' },
  database: { entities: [], migrations: [] },
  jobs: { scan: { input: z.object({ path: z.string() }) } },
  metrics: {
    scans: { type: 'counter', help: 'Scans', labels: { result: ['ok', 'failed'] } },
    size: { type: 'gauge', help: 'Size' },
  },
  routes: {
    'GET /movies/:id': {
      access: { grant: 'library:view', of: 'id' },
      query: z.object({ page: z.coerce.number() }),
      responses: { 200: z.object({ title: z.string() }), 404: z.object({ why: z.string() }) },
    },
    'GET /open': { access: 'public', responses: { 204: nothing } },
    'GET /in/:who': { access: 'public', responses: { 302: redirect } },
    'GET /watch': { access: 'user', responses: { 200: sse(z.object({ n: z.int() })) } },
    'GET /file/*path': { access: 'user', signed: true, responses: { 200: bytes('video/*') } },
    'POST /hook': { access: 'webhook', body: z.object({ kind: z.string() }), responses: { 202: nothing } },
  },
});
const bare = defineContract({ ...x, routes: { 'GET /a': { access: 'public', responses: { 200: z.string() } } } });
const none = defineContract({ ...x });
const two = defineContract({
  ...x,
  routes: {
    'GET /a': { access: 'public', responses: { 200: z.object({ n: z.int() }) } },
    'GET /b': { access: 'public', responses: { 200: z.string() } },
  },
});

definePlugin(bare, ({ log, config, implement }) => {
  log.info('a');
  // @ts-expect-error 63 a log line is a text, with fields beside it
  log.info({ a: 1 });
  void config;
  return implement({ routes: { 'GET /a': () => 'a' } });
});
const stored = defineContract({ ...x, database: { entities: [], migrations: [] } });
definePlugin(stored, ({ db, implement }) => implement({ start: () => void db.query('select 1') }));
// @ts-expect-error 64 a database is declared
definePlugin(none, ({ db, implement }) => implement({ start: () => void db.query('select 1') }));
definePlugin(contract, async (ctx) => {
  const { services, config, metrics, jobs, events, db, url, http, blobs, status, clock, cache, limiter } = ctx;
  void services.library;
  // @ts-expect-error 65 a service is declared in needs
  void services.auth;
  void services.library.find('1');
  // @ts-expect-error 66 a service has the methods of its token
  void services.library.drop('1');
  void services.other?.ping();
  // @ts-expect-error 67 an optional service may be away
  void services.other.ping();
  void config.apiKey;
  // @ts-expect-error 68 config has the fields of its schema, versioned or not
  void config.key;

  metrics.scans.inc({ result: 'ok' });
  // @ts-expect-error 69 a label is declared
  metrics.scans.inc({ outcome: 'ok' });
  metrics.scans.inc({ result: 'failed' });
  // @ts-expect-error 70 a label's value is in its set
  metrics.scans.inc({ result: 'maybe' });
  metrics.scans.inc({ result: 'ok' }, 2);
  // @ts-expect-error 71 a labelled metric gets its labels
  metrics.scans.inc(2);
  metrics.size.set(1);
  // @ts-expect-error 72 a metric without labels gets none
  metrics.size.set({ a: 'b' }, 1);
  metrics.scans.inc({ result: 'failed' }, 1);
  // @ts-expect-error 73 a counter only grows
  metrics.scans.dec({ result: 'failed' }, 1);
  metrics.scans.bind({ result: 'ok' }).inc();
  // @ts-expect-error 74 a bound metric has its labels already
  metrics.scans.bind({ result: 'ok' }).inc({ result: 'ok' });
  void metrics.scans;
  // @ts-expect-error 75 a metric is declared
  void metrics.scan;

  await jobs.scan.enqueue({ path: '/' });
  // @ts-expect-error 76 a job is declared
  await jobs.scna.enqueue({ path: '/' });
  await jobs.scan.enqueue({ path: '/a' });
  // @ts-expect-error 77 a job's input is that of its schema
  await jobs.scan.enqueue({ path: 1 });
  await jobs.scan.enqueue({ path: '/b' });
  // @ts-expect-error 78 a job's input is required where its schema has no defaults
  await jobs.scan.enqueue();
  await jobs.scan.enqueue({ path: '/' }, { priority: 'low' });
  // @ts-expect-error 79 a priority is low, normal or high
  await jobs.scan.enqueue({ path: '/' }, { priority: 'urgent' });
  await events.done.emit({ count: 1 });
  // @ts-expect-error 80 an event's payload is that of its schema
  await events.done.emit({ count: 'one' });
  void events.done;
  // @ts-expect-error 81 a plugin emits its own events alone
  void events.added;

  await db.sql`insert into a values (${1})`;
  // @ts-expect-error 82 an object is no SQL value: json(…)
  await db.sql`insert into a values (${{ id: 1 }})`;
  await db.transaction(async (tx) => {
    await tx.events.done.emit({ count: 1 });
    // @ts-expect-error 83 an event's payload is checked in a transaction too
    await tx.events.done.emit({ count: 'one' });
    await tx.query('select 1');
    // @ts-expect-error 84 a transaction has no transaction
    await tx.transaction('select 1');
  });

  url('GET /open');
  // @ts-expect-error 85 a link is to an own route
  url('GET /out');
  url('GET /in/:who', { params: { who: 'a' } });
  // @ts-expect-error 86 a link has the params of its route
  url('GET /in/:who');
  url('GET /file/*path', { params: { path: 'a' }, signed: { for: '12h', user: 'u', credential: 'c' } });
  // @ts-expect-error 87 a signed link says whom it lets in
  url('GET /file/*path', { params: { path: 'a' }, signed: { for: '12h', credential: 'c' } });
  url('GET /file/*path', { params: { path: 'a' }, signed: { for: '1h', user: 'u' } });
  // @ts-expect-error 88 a signed link says for how long
  url('GET /file/*path', { params: { path: 'a' }, signed: { for: 'ever', user: 'u' } });
  url('GET /in/:who', { params: { who: 'a' }, query: {} });
  // @ts-expect-error 89 only a route that is signed has signed links
  url('GET /in/:who', { params: { who: 'a' }, signed: { for: '1h', user: 'u' } });

  http.to({ base: 'http://r', auth: 'apiKey' });
  // @ts-expect-error 90 what a 401 of an upstream asks for is a field of the config
  http.to({ base: 'http://r', auth: 'key' });
  await blobs.put('a.jpg', new Uint8Array(1), { type: 'image/jpeg' });
  // @ts-expect-error 91 a blob is bytes
  await blobs.put('a.jpg', { a: 1 }, { type: 'image/jpeg' });
  void (await blobs.get('a.jpg'))?.size;
  // @ts-expect-error 92 a blob may not be there
  void (await blobs.get('a.jpg')).size;
  status.notice('setup', { text: 'Do it', secret: { name: 'setup-code', value: '1' } });
  // @ts-expect-error 93 a notice has a text
  status.notice('setup', { secret: { name: 'setup-code', value: '1' } });
  status.notice('setup', { text: 'Do it', secret: { name: 'code', value: '1' } });
  // @ts-expect-error 94 a notice's secret has a name, for its file
  status.notice('setup', { text: 'Do it', secret: { value: '1' } });
  status.degraded('disk', 'nearly full');
  // @ts-expect-error 95 who is degraded says why
  status.degraded('disk');
  await clock.sleep('1s');
  // @ts-expect-error 96 a time has a unit
  await clock.sleep(1000);
  await cache.set('a', 1, '5m');
  // @ts-expect-error 97 what is cached has an end
  await cache.set('a', 1);
  await limiter.take('a', '5/15m');
  // @ts-expect-error 98 a limit is a count and a time, in code too
  await limiter.take('a', 5);
  void new NotReady('away', '30s');
  // @ts-expect-error 99 an error's time has a unit
  void new NotReady('away', 30);

  return ctx.implement({
    jobs: {
      scan: ({ input }) => {
        void input.path;
        // @ts-expect-error 100 a run has the job's input
        void input.folder;
      },
    },
    listens: {
      added: (movie, delivery) => {
        void movie.id;
        // @ts-expect-error 101 a listener gets the event's payload
        void movie.name;
        void delivery.attempt;
        // @ts-expect-error 102 a delivery says its id, attempt and time
        void delivery.retries;
      },
    },
    routes: {
      'GET /movies/:id': ({ params, query, user, webhook, reply }) => {
        void params.id;
        // @ts-expect-error 103 a handler's params are those of the path
        void params.movie;
        void query.page;
        // @ts-expect-error 104 a query has the fields of its schema
        void query.limit;
        user.can('edit');
        // @ts-expect-error 105 an own permission is declared
        user.can('edti');
        void webhook;
        // @ts-expect-error 106 only a webhook has a delivery
        void webhook.raw;
        if (query.page > 9) return reply(200, { title: 'x' });
        // @ts-expect-error 107 a reply has a declared status
        if (query.page > 8) return reply(202, { title: 'x' });
        if (query.page > 7) return reply(404, { why: 'x' });
        // @ts-expect-error 108 a reply has the body of its status
        if (query.page > 6) return reply(404, { title: 'x' });
        if (query.page > 5) return reply(200, { title: 'y' });
        // @ts-expect-error 109 a reply has no undeclared field
        if (query.page > 4) return reply(200, { title: 'y', path: '/' });
        return { title: 'x' };
      },
      'GET /open': ({ user }) => {
        void user?.id;
        // @ts-expect-error 110 a public route may have no user
        void user.id;
      },
      'GET /in/:who': ({ reply, params }) => {
        if (params.who === 'a') return reply(302, '/', { cookies: { s: { value: 's', scriptable: true } } });
        // @ts-expect-error 111 a cookie is HttpOnly unless it is scriptable
        if (params.who === 'b') return reply(302, '/', { cookies: { s: { value: 's', httpOnly: false } } });
        return reply(302, '/');
      },
      'GET /watch': async function* () {
        yield { data: { n: 1 }, id: '1' };
      },
      'GET /file/*path': ({ params }) => ({ file: params.path, type: 'video/mp4' }),
      'POST /hook': ({ webhook, reply }) => {
        void webhook.raw;
        return reply(202);
      },
    },
  });
});

const n = () => ({ n: 1 });
const b = () => 'b';
definePlugin(two, ({ implement }) => implement({ routes: { 'GET /a': n, 'GET /b': b } }));
// @ts-expect-error 112 every route has a handler
definePlugin(two, ({ implement }) => implement({ routes: { 'GET /a': n } }));
definePlugin(two, ({ implement }) => implement({ routes: { 'GET /a': () => ({ n: 1 }), 'GET /b': b } }));
// @ts-expect-error 113 a handler returns what its route declares
definePlugin(two, ({ implement }) => implement({ routes: { 'GET /a': () => ({ n: '1' }), 'GET /b': b } }));
definePlugin(two, ({ implement: i }) => i({ routes: { 'GET /a': n, 'GET /b': b } }));
// @ts-expect-error 114 no route has a handler that is not declared
definePlugin(two, ({ implement: i }) => i({ routes: { 'GET /a': n, 'GET /b': b, 'GET /c': b } }));
definePlugin(two, () => ({ routes: { 'GET /a': n, 'GET /b': b } }));
// @ts-expect-error 115 what is returned without implement has no more than is declared either
definePlugin(two, () => ({ routes: { 'GET /a': n, 'GET /b': b }, jobs: {} }));
definePlugin(two, ({ implement: i }) => i({ routes: { 'GET /a': n, 'GET /b': b }, start() {} }));
// @ts-expect-error 116 a plugin starts and stops, and has no other hooks
definePlugin(two, ({ implement: i }) => i({ routes: { 'GET /a': n, 'GET /b': b }, onStart() {} }));
export const open: RouteHandler<typeof contract, 'GET /open'> = ({ reply }) => reply(204);
// @ts-expect-error 117 a handler in a file of its own is that of a declared route
export const shut: RouteHandler<typeof contract, 'GET /shut'> = ({ reply }) => reply(204);
export const scan: JobHandler<typeof contract, 'scan'> = ({ input }) => void input.path;
// @ts-expect-error 118 a job in a file of its own has that job's input
export const scan2: JobHandler<typeof contract, 'scan'> = ({ input }) => void input.folder;
