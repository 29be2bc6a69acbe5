/** (b), (c): the kernel's HTTP server, whole, with a log file and an Authenticator in memory. `node kernel-server.mjs ROUTES LOG` prints its port. */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { defineContract, text } from '@revenge/sdk';
import { SignedLinks } from '../../core/dist/access/signed-links.js';
import { TokenAccess } from '../../core/dist/access/token-access.js';
import { databaseProblem } from '../../core/dist/database/database-problem.js';
import { HttpServer } from '../../core/dist/http/server.js';
import { openLog } from '../../core/dist/log/pino-log.js';
import { PromMetrics } from '../../core/dist/metrics/prom-metrics.js';
import { BODY, Item, ITEM } from './item.mjs';

const [routes = '200', file] = process.argv.slice(2);
const perPlugin = Math.max(1, Math.ceil(Number(routes) / 20));

function plugin(n) {
  const access = { public: 'public', checked: 'user' };
  const list = {};
  const handlers = {};
  for (let i = 0; i < perPlugin; i++) {
    list[`GET /plain-${i}/:id`] = { access: access.public, responses: { 200: text('application/json') } };
    handlers[`GET /plain-${i}/:id`] = () => BODY;
  }
  // two of the routes measured; they stand in the place of two others where there are many
  list['GET /checked/:id'] = {
    access: access.checked,
    params: z.object({ id: z.coerce.number().int() }),
    query: z.object({ limit: z.coerce.number().int().min(1).max(100).default(20) }),
    responses: { 200: Item },
  };
  handlers['GET /checked/:id'] = () => ITEM;
  const contract = defineContract({ id: `plugin-${n}`, title: `Plugin ${n}`, sdk: '^1.0', routes: list });
  return {
    ref: { plugin: contract.id, instance: 'main' },
    contract,
    routes: handlers,
    status: () => ({ state: 'ready', reason: undefined, retryAfter: 1 }),
    enter: () => true,
    leave: () => undefined,
    signal: new AbortController().signal,
    failed: (error) => process.stderr.write(`${error.stack}\n`),
    webhookSecret: undefined,
  };
}

const identity = {
  id: 'u1',
  name: 'ada',
  credential: { kind: 'session', id: 's1' },
  permissions: [],
  languages: ['en'],
};
const known = new Map([['good', identity]]);
const authenticator = {
  authenticate: async ({ secret }) => known.get(secret),
  identity: async () => identity,
  holds: async () => true,
  granted: async () => '*',
};
const { log } = openLog({ level: 'info', file });
const authenticators = { current: () => authenticator };
const server = new HttpServer({
  config: {
    data: '/nowhere',
    server: { host: '127.0.0.1', port: 0, publicUrl: undefined, trustedProxies: [], corsOrigins: [], drainSeconds: 1 },
  },
  log,
  metrics: new PromMetrics({ defaults: false }),
  readiness: { started: () => true, reasons: () => [] },
  authenticators,
  access: new TokenAccess(authenticators),
  links: new SignedLinks({ key: randomBytes(32), origin: () => 'http://localhost' }),
  limits: undefined,
  webhooks: undefined,
  plugins: () => ({ list: () => [], openapi: () => ({}) }),
  jobs: {},
  events: {},
  databaseProblem,
});
const plugins = Number(routes) === 1 ? [plugin(0)] : Array.from({ length: 20 }, (_, n) => plugin(n));
server.mount({ instances: plugins });
const { port } = await server.listen();
process.stdout.write(`${port}\n`);
