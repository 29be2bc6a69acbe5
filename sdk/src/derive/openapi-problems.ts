import type { ContractDef, RouteDef } from '../contract/contract.ts';
import type { Json } from './json-schema.ts';
import { permissionId } from './names.ts';

/** What each status means, in the words of the document. */
export const STATUS_TEXT: Readonly<Record<string, string>> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted: it happens later',
  204: 'Done, nothing to say',
  206: 'A part of the content',
  302: 'Found elsewhere',
  303: 'See there',
  307: 'Temporarily elsewhere',
  308: 'Permanently elsewhere',
  400: 'Bad request',
  401: 'Not signed in',
  403: 'Forbidden',
  404: 'Not found',
  409: 'Conflict',
  410: 'Gone',
  413: 'Content too large',
  416: 'No such range',
  422: 'Invalid input',
  429: 'Too many requests',
  503: 'Unavailable',
};

const fault = {
  type: 'object',
  properties: { path: { type: 'string' }, message: { type: 'string' } },
  required: ['path', 'message'],
};
/** The component every error refers to, and its schema. */
export const PROBLEM_RESPONSE = {
  schema: {
    type: 'object',
    description: 'RFC 9457. `code` repeats `status` and `message` repeats `detail`.',
    properties: {
      type: { type: 'string', format: 'uri-reference' },
      title: { type: 'string' },
      status: { type: 'integer' },
      detail: { type: 'string' },
      code: { type: 'integer' },
      message: { type: 'string' },
      request_id: { type: 'string' },
      errors: { type: 'array', items: fault, description: 'One for each input that is wrong.' },
    },
    required: ['type', 'title', 'status', 'detail', 'code', 'message'],
  },
  response: {
    description: 'A problem',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  },
} as const;

/** How a caller shows who it is. */
export const SECURITY_SCHEMES = {
  bearer: { type: 'http', scheme: 'bearer', description: 'An access token.' },
  apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'A key made by its user.' },
  webhook: { type: 'apiKey', in: 'query', name: 'secret', description: "The instance's webhook secret." },
} as const;

const RETRY = { 'Retry-After': { schema: { type: 'integer' }, description: 'Seconds.' } };

function problem(description: string, headers?: Json): Json {
  return { description, ...(headers && { headers }), content: PROBLEM_RESPONSE.response.content };
}

/** The errors a route can answer by its nature, without declaring them: by access, input, limit, and the plugin's state. */
export function problemResponses(c: ContractDef, key: string, route: RouteDef): Json {
  const { access, responses, params, query, body, limit } = route;
  const granted = typeof access === 'object' && 'grant' in access;
  const permission = typeof access === 'object' && 'permission' in access ? access.permission : undefined;
  const found: Record<string, Json> = {
    ...(access !== 'public' && { 401: problem('Not signed in') }),
    ...(permission && { 403: problem(`Without the permission \`${permissionId(c.id, permission)}\``) }),
    ...((granted || /\/[:*]/.test(key)) && { 404: problem('No such thing, or none the caller may see') }),
    ...(body && { 413: problem('The body is too large') }),
    ...((params || query || body) && { 422: problem('Invalid input; `errors` says where') }),
    ...(limit && { 429: problem('Too many requests', RETRY) }),
    503: problem('The plugin is not ready', RETRY),
    default: { $ref: '#/components/responses/Problem' },
  };
  const undeclared = Object.entries(found).filter(([status]) => !(status in responses));
  return Object.fromEntries(undeclared);
}
