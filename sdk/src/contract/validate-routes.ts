import type { ContractDef, RouteDef } from './contract.ts';
import type { Special } from './schema.ts';
import { isDuration, isLimit, isSize, type Report } from './formats.ts';

const KEY = /^(GET|POST|PUT|PATCH|DELETE) (\/.*)$/;
const SEGMENT = /^(?:[:*][A-Za-z_][A-Za-z0-9_]*|[A-Za-z0-9._~$@!+=,-]+)$/;
const STATUSES = new Set('200 201 202 204 206 302 303 307 308 400 401 403 404 409 410 422 429 503'.split(' '));

/** Paths, access, limits and answers of every route, and that no two match one request. */
export function checkRoutes(c: ContractDef, report: Report): void {
  const shapes = new Map<string, string>();
  for (const [key, route] of Object.entries(c.routes ?? {})) {
    const at = `routes['${key}']`;
    const [, , path] = KEY.exec(key) ?? [];
    if (path === undefined) {
      report(at, 'not a route', "write 'GET /movies/:id'; HEAD and OPTIONS come by themselves");
      continue;
    }
    const names = checkPath(at, path, report);
    const shape = key.replace(/([:*])[^/]+/g, '$1');
    const first = shapes.get(shape);
    if (first) report(at, `matches what '${first}' matches`, 'keep one of the two');
    shapes.set(shape, key);
    checkAccess(at, route, names, c, report);
    checkFormats(at, key, route, report);
  }
}

function checkPath(at: string, path: string, report: Report): string[] {
  const segments = path === '/' ? [] : path.slice(1).split('/');
  for (const [i, segment] of segments.entries())
    if (!SEGMENT.test(segment))
      report(at, `'${segment}' is no segment`, 'a parameter is a whole one (:name), or the whole rest (*name, last)');
    else if (segment.startsWith('*') && i < segments.length - 1)
      report(at, `'${segment}' is not last`, 'a rest takes all that follows: put it at the end');
  const names = segments.filter((s) => /^[:*]/.test(s)).map((s) => s.slice(1));
  if (new Set(names).size < names.length) report(at, 'a parameter comes twice', 'give each its own name');
  return names;
}

function checkAccess(at: string, route: RouteDef, names: readonly string[], c: ContractDef, report: Report): void {
  const { access } = route;
  const rule = "say 'public', 'user', 'webhook', { permission } or { grant, of }";
  if (typeof access === 'string') {
    if (!['public', 'user', 'webhook'].includes(access)) report(`${at}.access`, `'${access}' is none`, rule);
  } else if (typeof access !== 'object' || access === null) report(`${at}.access`, 'missing', rule);
  else if ('permission' in access) {
    const { permission } = access;
    if (!(permission in (c.permissions ?? {})))
      report(`${at}.access`, `nobody declared '${permission}'`, `add it to permissions, or use one of them`);
  } else if ('grant' in access) {
    if (!/^[a-z][\w-]*:[a-z][\w-]*$/.test(access.grant))
      report(`${at}.access.grant`, `'${access.grant}' is no grant`, "write 'library:view'");
    if (!names.includes(access.of))
      report(
        `${at}.access.of`,
        `'${access.of}' is no parameter of the path`,
        `use one of: ${names.join(', ') || 'none'}`,
      );
  } else report(`${at}.access`, 'neither permission nor grant', rule);
  if (route.signed && (access === 'public' || access === 'webhook'))
    report(`${at}.signed`, `a ${access} route needs no link`, 'leave signed out, or ask for a user');
}

function checkFormats(at: string, key: string, route: RouteDef, report: Report): void {
  if (key.startsWith('GET ') && route.body) report(`${at}.body`, 'a GET has none', 'use query');
  if (route.limit !== undefined && !isLimit(route.limit))
    report(`${at}.limit`, `'${route.limit}' is no limit`, "write '60/m' or '5/15m'");
  if (route.maxBody !== undefined && !isSize(route.maxBody))
    report(`${at}.maxBody`, `'${route.maxBody}' is no size`, "write a number and KB, MB or GB, as in '2MB'");
  if (route.cache && !isDuration(route.cache.for))
    report(`${at}.cache.for`, `'${route.cache.for}' is no duration`, "write a number and a unit, as in '1h'");
  const statuses = Object.keys(route.responses ?? {});
  if (!statuses.length) report(`${at}.responses`, 'missing', 'declare at least one, as in { 204: nothing }');
  for (const status of statuses)
    if (!STATUSES.has(status)) report(`${at}.responses.${status}`, 'not a status a route may answer', 'see Status');
  for (const [name, field] of Object.entries((route.body as Partial<Special> | undefined)?.fields ?? {})) {
    const { kind, max } = field as Partial<Special>; // the fields of a multipart body; an upload has a limit
    if (kind === 'upload' && !isSize(max ?? ''))
      report(`${at}.body.${name}.max`, `'${max}' is no size`, "write a number and KB, MB or GB, as in '2MB'");
  }
}
