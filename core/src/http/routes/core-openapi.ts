import { coreSchemas, State } from './core-schemas.ts';

type Json = Readonly<Record<string, unknown>>;

const json = (description: string, schema: Json): Json => ({
  description,
  content: { 'application/json': { schema } },
});
const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });
const list = (name: string, of: string, more: Json = {}): Json => ({
  type: 'object',
  required: [name],
  properties: { [name]: { type: 'array', items: ref(of) }, ...more },
});
const DEFAULT = { default: { $ref: '#/components/responses/Problem' } };
const path = (name: string, schema: Json = { type: 'string' }): Json => ({ name, in: 'path', required: true, schema });
const query = (name: string, schema: Json): Json => ({ name, in: 'query', required: false, schema });
const LIMIT = query('limit', { type: 'integer', minimum: 1, maximum: 100, default: 20 });

interface Operation {
  readonly id: string;
  readonly tag: string;
  readonly summary: string;
  readonly access: 'public' | 'user' | 'core:plugins' | 'core:jobs' | 'core:events';
  readonly parameters?: readonly Json[];
  readonly body?: Json;
  readonly responses: Json;
}
const operation = ({ id, tag, summary, access, parameters, body, responses }: Operation): Json => ({
  operationId: id,
  tags: [tag],
  summary,
  ...(parameters && { parameters }),
  ...(body && { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
  responses: { ...responses, ...DEFAULT },
  security: access === 'public' ? [] : [{ bearer: access === 'user' ? [] : [access] }],
});

const health = (id: string, summary: string, failing: boolean): Json => ({
  get: operation({
    id,
    tag: 'Health',
    summary,
    access: 'public',
    responses: {
      200: json('healthy', ref('HealthCheck')),
      ...(failing && { 503: json('unhealthy', ref('HealthCheck')) }),
    },
  }),
});

const plugin = (op: Omit<Operation, 'tag' | 'access'>): Json =>
  operation({ ...op, tag: 'Plugins', access: 'core:plugins' });
const job = (op: Omit<Operation, 'tag' | 'access'>): Json => operation({ ...op, tag: 'Jobs', access: 'core:jobs' });
const dead = (op: Omit<Operation, 'tag' | 'access'>): Json =>
  operation({ ...op, tag: 'Events', access: 'core:events' });
const ID = path('id');
const JOB_ID = path('id', { type: 'string', format: 'uuid' });
const instance = { 200: json('its state now', ref('PluginInstance')) };
const changed = (id: string, summary: string): Json => ({
  post: plugin({ id, summary, parameters: [ID], responses: instance }),
});

/** The kernel's own routes as a fragment of the OpenAPI document: its paths and schemas are merged with the plugins'. */
export const coreOpenApi = (): { readonly paths: Json; readonly schemas: Json } => ({
  paths: { ...SYSTEM, ...PLUGINS, ...JOBS, ...EVENTS },
  schemas: coreSchemas(),
});

const SYSTEM: Json = {
  '/healthz': health('core.liveness', 'Is the process alive?', false),
  '/readyz': health('core.readiness', 'May it get traffic?', true),
  '/startupz': health('core.startup', 'Has it started?', true),
  '/api/openapi.json': {
    get: operation({
      id: 'core.openapi_json',
      tag: 'Documents',
      summary: 'This document',
      access: 'public',
      responses: { 200: json('OpenAPI 3.1', { type: 'object' }) },
    }),
  },
  '/api/openapi.yaml': {
    get: operation({
      id: 'core.openapi_yaml',
      tag: 'Documents',
      summary: 'This document',
      access: 'public',
      responses: {
        200: { description: 'OpenAPI 3.1', content: { 'application/yaml': { schema: { type: 'string' } } } },
      },
    }),
  },
  '/api/docs': {
    get: operation({
      id: 'core.docs',
      tag: 'Documents',
      summary: 'This document as a page',
      access: 'public',
      responses: { 200: { description: 'A page', content: { 'text/html': { schema: { type: 'string' } } } } },
    }),
  },
};
const PLUGINS: Json = {
  '/api/v1/plugins': {
    get: plugin({
      id: 'core.plugins_list',
      summary: 'Every instance with its state',
      responses: { 200: json('instances', list('plugins', 'PluginInstance', { total: { type: 'integer' } })) },
    }),
    post: plugin({
      id: 'core.plugins_create',
      summary: 'Add an instance of a plugin that may have many',
      body: {
        type: 'object',
        required: ['plugin', 'instance'],
        properties: { plugin: { type: 'string' }, instance: { type: 'string' }, config: { type: 'object' } },
      },
      responses: { 201: json('the new instance', ref('PluginInstance')) },
    }),
  },
  '/api/v1/plugins/{id}': {
    get: plugin({ id: 'core.plugins_read', summary: 'One instance', parameters: [ID], responses: instance }),
    delete: plugin({
      id: 'core.plugins_remove',
      summary: 'Remove an instance',
      parameters: [ID],
      responses: { 204: { description: 'removed' } },
    }),
  },
  '/api/v1/plugins/{id}/config': {
    get: plugin({
      id: 'core.plugins_config',
      summary: 'The form of its settings, with their values',
      parameters: [ID],
      responses: { 200: json('form', ref('PluginConfig')) },
    }),
    put: plugin({
      id: 'core.plugins_configure',
      summary: 'Change its settings; it is rebuilt live. A secret left out keeps its value',
      parameters: [ID],
      body: { type: 'object' },
      responses: instance,
    }),
  },
  '/api/v1/plugins/{id}/enable': changed('core.plugins_enable', 'Enable an instance'),
  '/api/v1/plugins/{id}/disable': changed('core.plugins_disable', 'Disable an instance'),
  '/api/v1/plugins/{id}/restart': changed('core.plugins_restart', 'Restart an instance'),
};
const JOBS: Json = {
  '/api/v1/jobs': {
    get: job({
      id: 'core.jobs_list',
      summary: 'Jobs, newest first',
      parameters: [
        query('state', { type: 'string', enum: State.options }),
        query('type', { type: 'string' }),
        query('before', { type: 'string', format: 'uuid' }),
        LIMIT,
      ],
      responses: {
        200: json(
          'jobs',
          list('jobs', 'Job', {
            total: { type: 'integer' },
            counts: { type: 'object', additionalProperties: { type: 'integer' } },
            next: { type: ['string', 'null'] },
          }),
        ),
      },
    }),
  },
  '/api/v1/jobs/{id}': {
    get: job({
      id: 'core.jobs_read',
      summary: 'One job',
      parameters: [JOB_ID],
      responses: { 200: json('job', ref('Job')) },
    }),
  },
  '/api/v1/jobs/{id}/retry': {
    post: job({
      id: 'core.jobs_retry',
      summary: 'Run a discarded or cancelled job again',
      parameters: [JOB_ID],
      responses: { 202: json('job', ref('Job')) },
    }),
  },
  '/api/v1/jobs/{id}/cancel': {
    post: job({
      id: 'core.jobs_cancel',
      summary: 'Cancel a job, on whichever node it runs',
      parameters: [JOB_ID],
      responses: { 202: json('job', ref('Job')) },
    }),
  },
};
const EVENTS: Json = {
  '/api/v1/events': {
    get: operation({
      id: 'core.events',
      tag: 'Events',
      summary: 'What happens, as far as the caller may see it: server-sent events',
      access: 'user',
      parameters: [{ name: 'Last-Event-ID', in: 'header', required: false, schema: { type: 'string' } }],
      responses: { 200: { description: 'a stream', content: { 'text/event-stream': { schema: { type: 'string' } } } } },
    }),
  },
  '/api/v1/events/dead': {
    get: dead({
      id: 'core.dead_letters',
      summary: 'Deliveries that failed for good',
      parameters: [LIMIT, query('before', { type: 'string' })],
      responses: { 200: json('dead letters', list('events', 'DeadLetter', { next: { type: ['string', 'null'] } })) },
    }),
  },
  '/api/v1/events/dead/{id}/replay': {
    post: dead({
      id: 'core.dead_letter_replay',
      summary: 'Deliver it again',
      parameters: [ID],
      responses: { 204: { description: 'it is on its way' } },
    }),
  },
};
