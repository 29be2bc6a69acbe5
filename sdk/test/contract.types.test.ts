/** Each mistake stands below a line that differs in nothing else and compiles. Read by the compiler, never run. */
import { z } from 'zod';
import { contribution, defineContract, defineRoutes, event, extensionPoint, flag, multipart } from '../src/index.ts';
import { secret, service, upload } from '../src/index.ts';

interface Library {
  find(id: string): Promise<string | undefined>;
}
const Lib = service<Library>('library.library@1.0');
interface Kind {
  scan(path: string): Promise<void>;
}
const Kinds = extensionPoint<Kind, { kind: string }>('library.media-kind@1.0');
const Plain = extensionPoint<Kind>('library.plain@1.0');
const Done = event('x.done@1.0', { payload: z.object({ id: z.string() }), delivery: 'live' });
const x = { id: 'x', title: 'X', sdk: '^1.0' } as const;
const ok = { access: 'user', responses: { 200: z.string() } } as const;
const file = () => import('./fixtures/demo.ts');
const payload = z.object({ id: z.string(), library_id: z.string() });
const cfg = z.object({ at: z.string() });

export function head(): void {
  defineContract({ id: 'x', title: 'X', sdk: '^1.0' });
  // @ts-expect-error 1 a contract has an id
  defineContract({ title: 'X', sdk: '^1.0' });
  defineContract({ ...x, title: { en: 'X', de: 'X' } });
  // @ts-expect-error 2 a text in several languages has English
  defineContract({ ...x, title: { de: 'X' } });
  defineContract({ ...x, description: 'X' });
  // @ts-expect-error 3 a contract has no other parts than the declared ones
  defineContract({ ...x, descripton: 'X' });
  defineContract({ ...x, instances: 'many' });
  // @ts-expect-error 4 instances are 'single' or 'many'
  defineContract({ ...x, instances: 'several' });
  defineContract({ ...x, isolation: 'worker' });
  // @ts-expect-error 5 isolation is 'inline' or 'worker'
  defineContract({ ...x, isolation: 'process' });
  defineContract({ ...x, base: '/movies' });
  // @ts-expect-error 6 a base begins with a slash
  defineContract({ ...x, base: 'movies' });
  defineContract({ ...x, permissions: { sync: { en: 'Sync' } } });
  // @ts-expect-error 7 a permission is a text
  defineContract({ ...x, permissions: { sync: { de: 'Sync' } } });
  defineContract({ ...x, database: { entities: [file], migrations: [] } });
  // @ts-expect-error 8 entities are thunks, so that reading a contract loads no TypeORM
  defineContract({ ...x, database: { entities: [file()], migrations: [] } });
}

export function config(): void {
  defineContract({ ...x, config: { schema: cfg, version: 1, migrate: {} } });
  // @ts-expect-error 9 a versioned config says its version
  defineContract({ ...x, config: { schema: cfg, migrate: {} } });
  defineContract({ ...x, config: { schema: cfg, version: 2, migrate: { 1: (old) => old } } });
  // @ts-expect-error 10 a migration is a function of the old config
  defineContract({ ...x, config: { schema: cfg, version: 2, migrate: { 1: 'old' } } });
  defineContract({ ...x, config: z.object({ paths: flag('library', z.array(z.string())) }) });
  // @ts-expect-error 11 a flag has a name
  defineContract({ ...x, config: z.object({ paths: flag(z.array(z.string())) }) });
  defineContract({ ...x, config: z.object({ paths: flag('library', z.array(z.string()), 'PATH') }) });
  // @ts-expect-error 12 a flag's placeholder is a word
  defineContract({ ...x, config: z.object({ paths: flag('library', z.array(z.string()), true) }) });
  void secret(z.string());
  // @ts-expect-error 13 a secret marks a schema
  void secret('key');
}

export function routes(): void {
  defineRoutes({ 'GET /a': { access: 'user', responses: { 200: z.string() } } });
  // @ts-expect-error 14 a route says who may call it
  defineRoutes({ 'GET /a': { responses: { 200: z.string() } } });
  defineRoutes({ 'GET /a': { ...ok, access: 'public' } });
  // @ts-expect-error 15 an access policy is one of five
  defineRoutes({ 'GET /a': { ...ok, access: 'everybody' } });
  defineContract({ ...x, permissions: { sync: 'S' }, routes: { 'GET /a': { ...ok, access: { permission: 'sync' } } } });
  // @ts-expect-error 16 a permission is declared
  defineContract({ ...x, permissions: { sync: 'S' }, routes: { 'GET /a': { ...ok, access: { permission: 'snyc' } } } });
  defineRoutes({ 'GET /a/:id': { ...ok, access: { grant: 'library:view', of: 'id' } } });
  // @ts-expect-error 17 a grant is on a parameter of the path
  defineRoutes({ 'GET /a/:id': { ...ok, access: { grant: 'library:view', of: 'library' } } });
  defineRoutes({ 'GET /a/:id': { ...ok, access: { grant: 'library:edit', of: 'id' } } });
  // @ts-expect-error 18 a grant is named 'thing:verb'
  defineRoutes({ 'GET /a/:id': { ...ok, access: { grant: 'library', of: 'id' } } });
  defineRoutes({ 'GET /a/:id': { ...ok, access: { grant: 'x:view', of: 'id' } } });
  // @ts-expect-error 19 a grant says on what
  defineRoutes({ 'GET /a/:id': { ...ok, access: { grant: 'x:view' } } });
  defineRoutes({ 'GET /a': { ...ok, signed: true } });
  // @ts-expect-error 20 signed is true or left out
  defineRoutes({ 'GET /a': { ...ok, signed: 'yes' } });
  defineRoutes({ 'GET /a': { ...ok, access: 'user', signed: true } });
  // @ts-expect-error 21 who may call without a user needs no signed link
  defineRoutes({ 'GET /a': { ...ok, access: 'public', signed: true } });
  defineRoutes({ 'GET /a': ok });
  // @ts-expect-error 22 a method is GET, POST, PUT, PATCH or DELETE
  defineRoutes({ 'GTE /a': ok });
  defineRoutes({ 'GET /b': ok });
  // @ts-expect-error 23 HEAD comes with GET
  defineRoutes({ 'HEAD /b': ok });
  defineRoutes({ 'POST /a': { ...ok, body: z.string() } });
  // @ts-expect-error 24 a GET has no body
  defineRoutes({ 'GET /a': { ...ok, body: z.string() } });
  defineRoutes({ 'GET /a/:id': { ...ok, params: z.object({ id: z.string() }) } });
  // @ts-expect-error 25 params are those of the path
  defineRoutes({ 'GET /a/:id': { ...ok, params: z.object({ movie: z.string() }) } });
  defineRoutes({ 'GET /a/:id/:n': { ...ok, params: z.object({ id: z.string(), n: z.string() }) } });
  // @ts-expect-error 26 params are all of the path's
  defineRoutes({ 'GET /a/:id/:n': { ...ok, params: z.object({ id: z.string() }) } });
  defineRoutes({ 'GET /a/*path': { ...ok, params: z.object({ path: z.string() }) } });
  // @ts-expect-error 27 the rest of a path is a parameter too
  defineRoutes({ 'GET /a/*path': { ...ok, params: z.object({ file: z.string() }) } });
  defineRoutes({ 'GET /hls/:id': ok });
  // @ts-expect-error 28 a parameter is a whole segment
  defineRoutes({ 'GET /hls/:id.m3u8': ok });
  defineRoutes({ 'GET /files/*path': ok });
  // @ts-expect-error 29 a rest is last
  defineRoutes({ 'GET /files/*path/info': ok });
  defineRoutes({ 'GET /a': { ...ok, summary: 'A' } });
  // @ts-expect-error 30 a route has no other parts than the declared ones
  defineRoutes({ 'GET /a': { ...ok, sumary: 'A' } });
  defineRoutes({ 'GET /a': { access: 'user', responses: { 201: z.string() } } });
  // @ts-expect-error 31 a status is one that a route may answer
  defineRoutes({ 'GET /a': { access: 'user', responses: { 299: z.string() } } });
  defineRoutes({ 'GET /a': { ...ok, limit: '60/m' } });
  // @ts-expect-error 32 a limit is a count and a time
  defineRoutes({ 'GET /a': { ...ok, limit: '60 per minute' } });
  defineRoutes({ 'POST /a': { ...ok, maxBody: '2MB' } });
  // @ts-expect-error 33 a size has a unit
  defineRoutes({ 'POST /a': { ...ok, maxBody: '2 megabytes' } });
  defineRoutes({ 'GET /a': { ...ok, cache: { for: '1h' } } });
  // @ts-expect-error 34 a cache says for how long
  defineRoutes({ 'GET /a': { ...ok, cache: { for: 'ever' } } });
  defineRoutes({ 'POST /a': { ...ok, body: multipart({ file: upload({ max: '2MB' }) }) } });
  // @ts-expect-error 35 an upload has a limit
  defineRoutes({ 'POST /a': { ...ok, body: multipart({ file: upload({}) }) } });
  multipart({ title: z.string() });
  // @ts-expect-error 36 a field of multipart is a schema
  multipart({ title: 'string' });
}

export function jobsAndMetrics(): void {
  defineContract({ ...x, jobs: { a: { cron: '0 3 * * *' } } });
  // @ts-expect-error 37 a cron line has five fields
  defineContract({ ...x, jobs: { a: { cron: 'daily' } } });
  defineContract({ ...x, jobs: { a: { timeout: '10m' } } });
  // @ts-expect-error 38 a duration is a number and a unit
  defineContract({ ...x, jobs: { a: { timeout: '10 minutes' } } });
  defineContract({ ...x, jobs: { a: { retries: 3 } } });
  // @ts-expect-error 39 a job has no other parts than the declared ones
  defineContract({ ...x, jobs: { a: { retires: 3 } } });
  defineContract({ ...x, jobs: { a: { backoff: ['1s', '1m'] } } });
  // @ts-expect-error 40 a backoff goes from one time to another
  defineContract({ ...x, jobs: { a: { backoff: ['1s'] } } });
  defineContract({ ...x, jobs: { a: { cron: '0 3 * * *', input: z.object({ p: z.string().default('') }) } } });
  // @ts-expect-error 41 a scheduled job gets no input
  defineContract({ ...x, jobs: { a: { cron: '0 3 * * *', input: z.object({ p: z.string() }) } } });
  defineContract({ ...x, config: cfg, jobs: { a: { cron: { config: 'at' } } } });
  // @ts-expect-error 42 a schedule by config names one of its fields
  defineContract({ ...x, config: cfg, jobs: { a: { cron: { config: 'when' } } } });
  defineContract({ ...x, metrics: { a: { type: 'counter', help: 'A' } } });
  // @ts-expect-error 43 a metric has a help
  defineContract({ ...x, metrics: { a: { type: 'counter' } } });
  defineContract({ ...x, metrics: { a: { type: 'counter', help: 'A', name: 'revenge_a' } } });
  // @ts-expect-error 44 a metric's whole name begins with 'revenge_'
  defineContract({ ...x, metrics: { a: { type: 'counter', help: 'A', name: 'a' } } });
  defineContract({ ...x, metrics: { a: { type: 'gauge', help: 'A', unit: 'bytes' } } });
  // @ts-expect-error 45 a metric has no other parts than the declared ones
  defineContract({ ...x, metrics: { a: { type: 'gauge', help: 'A', units: 'bytes' } } });
  defineContract({ ...x, metrics: { a: { type: 'gauge', help: 'A', labels: { host: { upTo: 9 } } } } });
  // @ts-expect-error 46 no label is called 'instance' or 'job'
  defineContract({ ...x, metrics: { a: { type: 'gauge', help: 'A', labels: { instance: { upTo: 9 } } } } });
  defineContract({ ...x, metrics: { a: { type: 'gauge', help: 'A', labels: { result: ['ok'] } } } });
  // @ts-expect-error 47 a label's values are listed or capped
  defineContract({ ...x, metrics: { a: { type: 'gauge', help: 'A', labels: { result: 'ok' } } } });
  defineContract({ ...x, metrics: { a: { type: 'histogram', help: 'A', buckets: [1] } } });
  // @ts-expect-error 48 only a histogram has buckets
  defineContract({ ...x, metrics: { a: { type: 'counter', help: 'A', buckets: [1] } } });
}

export function tokens(): void {
  service<{ now(): Promise<Date> }>('x.clock@1.0');
  // @ts-expect-error 49 a method of a service answers by a promise
  service<{ now(): Date }>('x.clock@1.0');
  service<{ each(f: string): Promise<void> }>('x.each@1.0');
  // @ts-expect-error 50 a method of a service takes no callback
  service<{ each(f: () => void): Promise<void> }>('x.each@1.0');
  service<{ a(): Promise<void> }>('x.a@1.0');
  // @ts-expect-error 51 a token says its version
  service<{ a(): Promise<void> }>('x.a');
  defineContract({ ...x, needs: { library: Lib } });
  // @ts-expect-error 52 a need is a token, not a name
  defineContract({ ...x, needs: { library: 'library' } });
  defineContract({ ...x, instances: 'single', provides: { library: Lib } });
  // @ts-expect-error 53 a service has one provider, so many instances provide none
  defineContract({ ...x, instances: 'many', provides: { library: Lib } });
  defineContract({ ...x, hosts: { kinds: Kinds } });
  // @ts-expect-error 54 a plugin hosts points, not services
  defineContract({ ...x, hosts: { kinds: Lib } });
  defineContract({ ...x, contributes: { music: Plain } });
  // @ts-expect-error 55 a point that asks about its contributors gets an answer
  defineContract({ ...x, contributes: { music: Kinds } });
  contribution(Kinds, { kind: 'music' });
  // @ts-expect-error 56 what a point asks is typed
  contribution(Kinds, { name: 'music' });
  defineContract({ ...x, emits: { done: Done } });
  // @ts-expect-error 57 a plugin emits events, not services
  defineContract({ ...x, emits: { done: Lib } });
  event('x.a@1.0', { payload, delivery: 'live' });
  // @ts-expect-error 58 an event says how it is delivered
  event('x.a@1.0', { payload });
  event('x.a@1.0', { payload, delivery: 'durable', key: 'id' });
  // @ts-expect-error 59 a key is a field of the payload
  event('x.a@1.0', { payload, delivery: 'durable', key: 'movie' });
  event('x.a@1.0', { payload, delivery: 'live', audience: 'admins' });
  // @ts-expect-error 60 an audience is admins, users, one user, or who may see a library
  event('x.a@1.0', { payload, delivery: 'live', audience: 'everyone' });
  event('x.a@1.0', { payload, delivery: 'live', audience: { user: 'id' } });
  // @ts-expect-error 61 an audience of one user names the payload's field
  event('x.a@1.0', { payload, delivery: 'live', audience: { user: 'user_id' } });
  event('x.a@1.0', { payload, delivery: 'live', audience: { library: 'library_id' } });
  // @ts-expect-error 62 an audience of a library names the payload's field
  event('x.a@1.0', { payload, delivery: 'live', audience: { library: 'library' } });
}
