import type { ContractDef } from '../contract/contract.ts';
import type { Schema, Special } from '../contract/schema.ts';
import { type Json, jsonSchema } from './json-schema.ts';
import { basePath, permissionId, routePath } from './names.ts';

/** One OpenAPI 3.1 document of all the contracts. */
export function openapi(contracts: readonly ContractDef[], info = { title: 'Platform', version: '1.0' }): Json {
  const paths: Record<string, Json> = {},
    schemas: Json = {};
  const use = (schema: Schema, side: 'input' | 'output'): Json => {
    // a schema's own $defs move to the document's components
    const { $defs = {}, ...json } = JSON.parse(
      JSON.stringify(jsonSchema(schema, side)).replaceAll('"#/$defs/', '"#/components/schemas/'),
    ) as Json & { $defs?: Json };
    Object.assign(schemas, $defs);
    return json;
  };
  const body = (schema: Schema, side: 'input' | 'output') => {
    const { kind, mime, of, fields } = schema as Schema & Partial<Special>;
    if (kind === 'nothing') return {};
    if (kind === 'redirect')
      return { headers: { Location: { required: true, schema: { type: 'string', format: 'uri' } } } };
    const shape =
      kind === 'bytes'
        ? {}
        : kind === 'text'
          ? { type: 'string' }
          : fields
            ? {
                type: 'object',
                properties: Object.fromEntries(
                  Object.entries(fields).map(([n, f]) => [
                    n,
                    (f as Partial<Special>).kind === 'upload' ? { type: 'string', format: 'binary' } : use(f, side),
                  ]),
                ),
              }
            : use(of ?? schema, side);
    return { content: { [mime ?? 'application/json']: { schema: shape } } };
  };
  for (const c of contracts)
    for (const [key, r] of Object.entries(c.routes ?? {})) {
      const [method = '', path = ''] = key.split(' ');
      const names = [...path.matchAll(/[:*]([^/]+)/g)].map((m) => m[1]!);
      const props = (s: Schema | undefined) => (s ? use(s, 'input') : {}) as { properties?: Json; required?: string[] };
      const params = props(r.params),
        query = props(r.query),
        many = basePath(c, ':instance').includes(':instance');
      const parameters = [
        ...(many ? [{ name: 'instance', in: 'path', required: true, schema: { type: 'string' } }] : []),
        ...names.map((name) => ({
          name,
          in: 'path',
          required: true,
          schema: params.properties?.[name] ?? { type: 'string' },
        })),
        ...Object.entries(query.properties ?? {}).map(([name, schema]) => ({
          name,
          in: 'query',
          required: query.required?.includes(name) ?? false,
          schema,
        })),
      ];
      (paths[
        routePath(c, key, ':instance')
          .split(' ')[1]!
          .replace(/[:*]([^/]+)/g, '{$1}')
      ] ??= {})[method.toLowerCase()] = {
        operationId: `${c.id}.${key}`.replace(/[^a-zA-Z0-9]+/g, '_'),
        tags: [r.tag ?? c.title],
        summary: r.summary,
        description: r.description,
        deprecated: r.deprecated,
        parameters,
        ...(r.body && { requestBody: { required: true, ...body(r.body, 'input') } }),
        responses: {
          ...Object.fromEntries(
            Object.entries(r.responses).map(([s, schema]) => [
              s,
              { description: s, ...(schema && s !== '204' && body(schema, 'output')) },
            ]),
          ),
          default: { $ref: '#/components/responses/Problem' },
        },
        security:
          r.access === 'public'
            ? []
            : r.access === 'webhook'
              ? [{ webhook: [] }]
              : [
                  {
                    bearer:
                      typeof r.access === 'object' && 'permission' in r.access
                        ? [permissionId(c.id, r.access.permission)]
                        : [],
                  },
                ],
      };
    }
  const Problem = {
    description: 'RFC 9457',
    content: {
      'application/problem+json': {
        schema: {
          type: 'object',
          properties: {
            type: { type: 'string' },
            title: { type: 'string' },
            status: { type: 'integer' },
            detail: { type: 'string' },
          },
        },
      },
    },
  };
  return {
    openapi: '3.1.0',
    info,
    paths,
    components: {
      schemas,
      responses: { Problem },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        webhook: { type: 'apiKey', in: 'query', name: 'secret' },
      },
    },
  };
}
