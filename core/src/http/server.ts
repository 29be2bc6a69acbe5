import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import Koa from 'koa';
import { problem, Problem } from '@revenge/sdk';
import { ClientView } from './client-view.ts';
import { Cors } from './cors.ts';
import { Dispatcher } from './dispatcher.ts';
import { Exchange } from './exchange.ts';
import type { HttpDeps } from './http-deps.ts';
import { HttpScope } from './http-scope.ts';
import { listenOn } from './listen.ts';
import type { Mounted, RouteTable } from './mount.ts';
import { MountedRoute } from './mounted-route.ts';
import { answerProblem, toProblem } from './problem-answer.ts';
import { refuseRaw } from './raw-refusal.ts';
import { HttpMeters } from './request-meters.ts';
import { CORE_PATHS, CoreRoutes } from './routes/core-routes.ts';
import { securityHeaders } from './security-headers.ts';
import { TickShape } from './tick-shape.ts';
import { TrustedProxies } from './trusted-proxies.ts';

const EXCHANGE = Symbol('exchange');
interface Answering extends ServerResponse {
  [EXCHANGE]?: Exchange;
}

/** Milliseconds. A request's headers have this long; bodies have limits of their own, so that an upload or a stream is never cut for its length. */
const HEADERS_MS = 15_000;
/** Above the idle timeout of common proxies (60 s), so that they never send on a connection we are closing. */
const KEEP_ALIVE_MS = 65_000;
const SWEEP_MS = 100;

/** The API's port: mounts the plugins' routes, answers the kernel's own. */
export class HttpServer {
  readonly #deps: HttpDeps;
  readonly #scope: HttpScope;
  readonly #server: Server;
  readonly #core: CoreRoutes;
  readonly #prefix: string;
  readonly #compiled = new WeakMap<Mounted, { routes: Mounted['routes']; made: Map<string, MountedRoute> }>();
  readonly #tick = new TickShape();
  #dispatcher: Dispatcher;
  #port: number;

  constructor(deps: HttpDeps) {
    const { server } = deps.config;
    this.#deps = deps;
    this.#port = server.port;
    const publicUrl = server.publicUrl === undefined ? undefined : new URL(server.publicUrl);
    this.#prefix = publicUrl?.pathname.replace(/\/$/, '') ?? '';
    this.#scope = new HttpScope(
      deps.log,
      new HttpMeters(deps.metrics),
      new ClientView(new TrustedProxies(server.trustedProxies), publicUrl),
      new Cors(server.corsOrigins),
      securityHeaders(server.publicUrl),
    );
    this.#core = new CoreRoutes(deps, this.#prefix);
    this.#dispatcher = this.#compile({ instances: [] });
    this.#server = this.#create();
    this.#tick.keep();
  }

  /**
   * Dispatch comes before Koa: handlers of plugins never see its context, and making one for each request (with its listeners and promises) costs
   * more than all the rest. Koa serves what the kernel writes by hand.
   */
  #create(): Server {
    const app = new Koa();
    app.silent = true;
    app.use((ctx) => {
      const { [EXCHANGE]: x } = ctx.res as Answering;
      return x && this.#core.answer(ctx, x);
    });
    const byHand = app.callback();
    const server = createServer({ requestTimeout: 0, connectionsCheckingInterval: 5_000 }, (req, res) => {
      const x = this.#begin(req, res);
      try {
        const found = this.#dispatch(x);
        if (found === 'core') void byHand(req, res);
        else if (found === 'unknown') this.#unknown(x);
      } catch (error) {
        const { problem: is, unexpected } = toProblem(error, this.#deps.databaseProblem);
        if (unexpected) this.#deps.log.error(error instanceof Error ? error : String(error), { request_id: x.id });
        answerProblem(x, is);
      }
    });
    server.headersTimeout = HEADERS_MS;
    server.keepAliveTimeout = KEEP_ALIVE_MS;
    server.timeout = 0;
    server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => refuseRaw(error, socket));
    return server;
  }

  #begin(req: IncomingMessage, res: Answering): Exchange {
    const x = new Exchange(this.#scope, req, res);
    res[EXCHANGE] = x;
    res.on('close', closed);
    this.#scope.meters.inFlight.inc();
    return x;
  }

  #dispatch(x: Exchange): 'core' | 'taken' | 'unknown' {
    if (x.req.method === 'OPTIONS') {
      this.#options(x);
      return 'taken';
    }
    let url = x.req.url ?? '/';
    if (this.#prefix !== '' && url.startsWith(`${this.#prefix}/`)) x.target = url = url.slice(this.#prefix.length);
    if (url.startsWith('/api/v1/~')) {
      const end = endOf(url);
      x.ticket = this.#deps.links.verify(url.slice('/api/v1/'.length, end));
      if (!x.ticket) {
        answerProblem(x, problem.unauthorized('This link is no longer good.'));
        return 'taken';
      }
      url = `/api/v1${url.slice(end)}`;
    }
    x.req.url = url;
    return this.#dispatcher.dispatch(x);
  }

  #options(x: Exchange): void {
    const allowed = this.#dispatcher.allowed(x.req.url ?? '/');
    const methods = [...allowed, 'OPTIONS'].join(', ');
    const headers = x.headers();
    headers.push('allow', methods, 'vary', 'origin, access-control-request-method, access-control-request-headers');
    this.#scope.cors.appendPreflight(x.req, methods, headers);
    x.send(204, headers, undefined);
  }

  #unknown(x: Exchange): void {
    const allowed = this.#dispatcher.allowed(x.req.url ?? '/');
    if (allowed.length === 0) {
      answerProblem(x, problem.notFound('path'));
      return;
    }
    const allow = [...allowed, 'OPTIONS'].join(', ');
    answerProblem(
      x,
      new Problem(405, 'method', 'Method not allowed', `This path takes ${allow}.`, {}, { headers: { allow } }),
    );
  }

  /** Builds a new table and puts it in place at once. A request keeps the generation it was dispatched to. */
  mount(table: RouteTable): void {
    this.#dispatcher = this.#compile(table);
    this.#tick.keep();
  }

  #compile(table: RouteTable): Dispatcher {
    return new Dispatcher(table, CORE_PATHS, (mounted, key, path) => this.#route(mounted, key, path), this.#deps.log);
  }

  /** Instances that did not change keep their compiled routes: mounting one costs that one. */
  #route(mounted: Mounted, key: string, path: string): MountedRoute {
    let known = this.#compiled.get(mounted);
    if (!known || known.routes !== mounted.routes)
      this.#compiled.set(mounted, (known = { routes: mounted.routes, made: new Map() }));
    let route = known.made.get(key);
    if (!route) known.made.set(key, (route = new MountedRoute(mounted, key, path, this.#deps, this.#scope.meters)));
    return route;
  }

  /** Throws KernelError where the port cannot be had. */
  async listen(): Promise<{ readonly url: string; readonly port: number }> {
    const { host, port: wanted, publicUrl } = this.#deps.config.server;
    const port = await listenOn(this.#server, host, wanted);
    this.#port = port;
    return { url: publicUrl ?? this.origin, port };
  }

  /** How this machine itself reaches the server: for links made where no request tells a better address. */
  get origin(): string {
    const { host } = this.#deps.config.server;
    // Where it listens on one address alone, 'localhost' may be another.
    const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
    return `http://${shown}:${this.#port}`;
  }

  /** Takes no more, ends event streams, lets the rest finish within `drainSeconds`, then cuts it. */
  async drain(): Promise<void> {
    if (!this.#server.listening) return;
    this.#scope.draining = true;
    const closed = new Promise<void>((resolve) => void this.#server.close(() => resolve()));
    for (const end of this.#scope.streams) end();
    const sweep = setInterval(() => this.#server.closeIdleConnections(), SWEEP_MS);
    const cut = setTimeout(() => this.#server.closeAllConnections(), this.#deps.config.server.drainSeconds * 1_000);
    await closed;
    clearInterval(sweep);
    clearTimeout(cut);
  }
}

function closed(this: Answering): void {
  this[EXCHANGE]?.close();
}

/** Where the ticket's segment ends. */
function endOf(url: string): number {
  const rest = url.slice('/api/v1/'.length);
  const at = rest.search(/[/?]/);
  return at < 0 ? url.length : '/api/v1/'.length + at;
}
