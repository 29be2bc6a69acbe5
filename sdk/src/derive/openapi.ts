import type { ContractDef, RouteDef } from '../contract/contract.ts';
import { ContractError } from '../errors.ts';
import { english, type Json } from './json-schema.ts';
import { basePath, permissionId, routePath } from './names.ts';
import { Components } from './openapi-components.ts';
import { requestBody, responseContent } from './openapi-content.ts';
import { PROBLEM_RESPONSE, problemResponses, SECURITY_SCHEMES, STATUS_TEXT } from './openapi-problems.ts';

interface Info {
  readonly title: string;
  readonly version: string;
  readonly description?: string;
}
interface Document {
  readonly paths: Record<string, Record<string, Json>>;
  readonly components: Components;
  /** Shape → the path first written so; one shape is one path, whatever its parameters are called. */
  readonly shapes: Map<string, string>;
  readonly operations: Set<string>;
}
const PARAMETER = /\{([^}]+)\}/g;

/** One OpenAPI 3.1 document of all the contracts. HEAD, Range, ETag and 304 come with every GET and are not listed. */
export function openapi(contracts: readonly ContractDef[], info: Info = { title: 'Revenge', version: '1.0' }): Json {
  const document: Document = { paths: {}, components: new Components(), shapes: new Map(), operations: new Set() };
  const tags = new Map<string, Json>();
  for (const c of contracts)
    for (const [key, route] of Object.entries(c.routes ?? {})) {
      const tag = route.tag ?? english(c.title);
      if (!tags.has(tag))
        tags.set(tag, { name: tag, ...(c.description && !route.tag && { description: english(c.description) }) });
      addOperation(document, c, key, route, tag);
    }
  const { document: paths, schemas } = document.components.finish(document.paths);
  if ('Problem' in schemas)
    throw new ContractError("a schema is called 'Problem', as the errors are; give it another .meta({ id })");
  return {
    openapi: '3.1.0',
    info,
    tags: [...tags.values()],
    paths,
    components: {
      schemas: { ...schemas, Problem: PROBLEM_RESPONSE.schema },
      responses: { Problem: PROBLEM_RESPONSE.response },
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}

function addOperation(document: Document, c: ContractDef, key: string, route: RouteDef, tag: string): void {
  const [method = '', whole = ''] = routePath(c, key, ':instance').split(' ');
  const written = whole.replace(/[:*]([^/]+)/g, '{$1}');
  const shape = written.replace(PARAMETER, '{}');
  const path = document.shapes.get(shape) ?? written;
  document.shapes.set(shape, path);
  const item = (document.paths[path] ??= {});
  if (method.toLowerCase() in item)
    throw new ContractError(`${c.id}: ${method} ${path} is described already; two contracts cannot answer one path`);
  const operationId = uniqueId(document.operations, c.id, key);
  const where = `${c.id} ${key}`;
  const place = (part: string) => ({
    components: document.components,
    where: `${where} ${part}`,
    local: `${operationId}_${part.split(' ').at(-1)}`,
  });
  item[method.toLowerCase()] = {
    operationId,
    tags: [tag],
    ...(route.summary && { summary: route.summary }),
    ...describe(route),
    ...(route.deprecated && { deprecated: true }),
    parameters: parameters(document, c, key, route, { path, written, operationId }),
    ...(route.body && { requestBody: requestBody(route.body, place('body')) }),
    responses: { ...declared(route, place), ...problemResponses(c, key, route) },
    security: security(c, route),
    ...(route.signed && { 'x-signed': true }),
  };
}

function uniqueId(taken: Set<string>, id: string, key: string): string {
  const words = key.toLowerCase().replace(/[:*]([^/]+)/g, 'by_$1');
  const name = `${id}_${words}`.replace(/[^a-z0-9]+/g, '_').replace(/_$/, '');
  let unique = name;
  for (let n = 2; taken.has(unique); n += 1) unique = `${name}_${n}`;
  taken.add(unique);
  return unique;
}

function describe({ description, signed, limit }: RouteDef): Json {
  const lines = [
    description,
    signed &&
      'Also opened by a signed link, for players and images that send no header; the ticket is a part of its path.',
    limit && `At most ${limit} a caller.`,
  ].filter(Boolean);
  return lines.length ? { description: lines.join('\n\n') } : {};
}

function parameters(
  { components }: Document,
  c: ContractDef,
  key: string,
  route: RouteDef,
  names: { readonly path: string; readonly written: string; readonly operationId: string },
): Json[] {
  const where = `${c.id} ${key}`;
  const own = [...names.written.matchAll(PARAMETER)].map((m) => m[1] ?? '');
  const params = route.params && components.object(route.params, `${where} params`, `${names.operationId}_params`);
  const query = route.query && components.object(route.query, `${where} query`, `${names.operationId}_query`);
  const rest = /\*([^/]+)$/.exec(key)?.[1];
  const instance = basePath(c, ':instance').includes(':instance');
  const inPath = [...names.path.matchAll(PARAMETER)].map((m, i) => ({
    name: m[1],
    in: 'path',
    required: true,
    ...(own[i] === rest && { description: 'The rest of the path, slashes included.' }),
    ...(instance && own[i] === 'instance' && { description: 'The configured instance of the plugin.' }),
    schema: params?.properties[own[i] ?? ''] ?? { type: 'string' },
  }));
  const inQuery = Object.entries(query?.properties ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    ...(typeof schema.description === 'string' && { description: schema.description }),
    required: query?.required.includes(name) ?? false,
    schema,
  }));
  return [...inPath, ...inQuery];
}

type At = (part: string) => { readonly components: Components; readonly where: string; readonly local: string };
function declared(route: RouteDef, place: At): Json {
  return Object.fromEntries(
    Object.entries(route.responses).map(([status, schema]) => [
      status,
      {
        description: STATUS_TEXT[status] ?? status,
        ...(schema && status !== '204' && responseContent(schema, place(`response ${status}`))),
      },
    ]),
  );
}

function security(c: ContractDef, { access }: RouteDef): Json[] {
  if (access === 'public') return [];
  if (access === 'webhook') return [{ webhook: [] }];
  const scopes = typeof access === 'object' && 'permission' in access ? [permissionId(c.id, access.permission)] : [];
  return [{ bearer: scopes }, { apiKey: scopes }];
}
