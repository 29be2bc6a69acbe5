import type { IncomingMessage, ServerResponse } from 'node:http';
import findMyWay from 'find-my-way';
import { problem, routePath } from '@revenge/sdk';
import type { KernelLog } from '../log/log.ts';
import type { Exchange } from './exchange.ts';
import type { Mounted, RouteTable } from './mount.ts';
import type { PathParams } from '../access/access-control.ts';
import type { MountedRoute } from './mounted-route.ts';
import { answerProblem } from './problem-answer.ts';
import { RouteGroup } from './route-group.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
type Method = (typeof METHODS)[number];
/** A parameter longer than this is nobody's id; Node ends a whole request line at 16 KB. */
const LONGEST_PARAM = 4_096;

/** 'core': a path of the kernel's own; 'taken': answered or being answered; 'unknown': nobody's. */
export type Dispatched = 'core' | 'taken' | 'unknown';
type CompileRoute = (mounted: Mounted, key: string, path: string) => MountedRoute;

interface Entry {
  readonly method: Method;
  readonly path: string;
  readonly owner: string;
  readonly routes: MountedRoute[];
}

/** One immutable table: built whole, then put in place of the former one. */
export class Dispatcher {
  readonly #router: findMyWay.Instance<findMyWay.HTTPVersion.V1>;

  constructor(table: RouteTable, corePaths: readonly string[], compile: CompileRoute, log: KernelLog) {
    this.#router = findMyWay({
      ignoreTrailingSlash: true,
      maxParamLength: LONGEST_PARAM,
      // the query string is read by each route's own schema
      querystringParser: (search) => search,
      defaultRoute: unknown as never,
      onBadUrl: unknown as never,
    });
    for (const path of corePaths) this.#router.on([...METHODS], path, core as never);
    for (const entry of entries(table, compile, log)) this.#add(entry, log);
  }

  #add(entry: Entry, log: KernelLog): void {
    const group = new RouteGroup(entry.routes);
    const { path, rest } = wildcard(entry.path);
    const run = rest === undefined ? direct : renamed;
    try {
      this.#router.on(entry.method, path, run as never, { group, rest });
      if (entry.method === 'GET') this.#router.on('HEAD', path, run as never, { group, rest });
    } catch (error) {
      // the plan refuses two owners of one path; what gets here (a plugin's route on a path of the kernel) must not cost the others theirs
      log.error(`route ${entry.method} ${entry.path} of ${entry.owner} was not mounted`, { error: String(error) });
    }
  }

  dispatch(x: Exchange): Dispatched {
    if (!isReadable(x.req.url ?? '/')) {
      answerProblem(x, problem.badRequest('The path of this address is not properly encoded.'));
      return 'taken';
    }
    return this.#router.lookup(x.req, x.res, x) as Dispatched;
  }

  /** The methods that a path knows, as an Allow header lists them. */
  allowed(path: string): string[] {
    return METHODS.filter((method) => this.#router.find(method, path) !== null);
  }
}

/** NUL fits no database text, and what does not decode fits no route. */
function isReadable(url: string): boolean {
  if (!url.includes('%')) return true;
  const end = url.indexOf('?');
  const path = end < 0 ? url : url.slice(0, end);
  try {
    return !decodeURIComponent(path).includes('\0');
  } catch {
    return false;
  }
}

function unknown(): Dispatched {
  return 'unknown';
}
function core(): Dispatched {
  return 'core';
}
interface Stored {
  readonly group: RouteGroup;
  readonly rest: string | undefined;
}
function direct(
  this: Exchange,
  _q: IncomingMessage,
  _s: ServerResponse,
  params: PathParams,
  store: Stored,
  search: unknown,
): Dispatched {
  store.group.run(this, params, searchText(search));
  return 'taken';
}
/** The router calls the rest of a path '*'; the contract gave it a name. */
function renamed(
  this: Exchange,
  _q: IncomingMessage,
  _s: ServerResponse,
  params: PathParams,
  store: Stored,
  search: unknown,
): Dispatched {
  const { '*': rest, ...named } = params;
  store.group.run(this, { ...named, [store.rest ?? 'rest']: rest }, searchText(search));
  return 'taken';
}
const searchText = (search: unknown): string => (typeof search === 'string' ? search : '');

function wildcard(path: string): { readonly path: string; readonly rest: string | undefined } {
  const at = path.lastIndexOf('/*');
  return at < 0 ? { path, rest: undefined } : { path: path.slice(0, at + 2), rest: path.slice(at + 2) };
}

/** Instances of one plugin may share a path (webhooks, `?instance=`); two plugins may not. */
function entries(table: RouteTable, compile: CompileRoute, log: KernelLog): Iterable<Entry> {
  const found = new Map<string, Entry>();
  for (const mounted of table.instances)
    for (const key of Object.keys(mounted.contract.routes ?? {})) {
      const [method = '', path = ''] = routePath(mounted.contract, key, mounted.ref.instance).split(' ');
      const trimmed = path.length > 1 ? path.replace(/\/$/, '') : path;
      const shape = `${method} ${trimmed.replaceAll(/[:*][^/]+/g, (p) => p[0] ?? '')}`;
      const entry = found.get(shape);
      const owner = mounted.contract.id;
      if (entry && entry.owner !== owner) {
        log.error(`route ${key} of ${owner} was not mounted: ${entry.owner} has ${trimmed} already`);
        continue;
      }
      const route = compile(mounted, key, trimmed);
      if (entry) entry.routes.push(route);
      else found.set(shape, { method: method as Method, path: trimmed, owner, routes: [route] });
    }
  return found.values();
}
