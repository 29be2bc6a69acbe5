import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { demo, Movie } from '../../test/fixtures/demo.ts';
import type { ContractDef } from '../contract/contract.ts';
import { defineContract } from '../contract/define-contract.ts';
import type { Json } from './json-schema.ts';
import { openapi } from './openapi.ts';

const document = openapi([demo]) as {
  paths: Record<string, Record<string, Record<string, unknown>>>;
  components: { schemas: Json; securitySchemes: Json };
  tags: unknown;
};
const operation = (method: string, path: string) =>
  document.paths[`/api/v1/demo-plugin/{instance}${path}`]?.[method] as Record<string, unknown> & {
    responses: Record<string, Record<string, unknown>>;
    parameters: Json[];
  };
const base = { id: 'one', title: 'One', sdk: '^1.0' } as const;
const of = (id: string, path: '/a' | '/b', schema: z.ZodType): ContractDef => ({
  ...base,
  id,
  base: '',
  routes: { [`GET ${path}` as const]: { access: 'public' as const, responses: { 200: schema } } },
});

test('the document is valid OpenAPI 3.1', async () => {
  const { valid, errors } = await new Validator().validate(structuredClone(document));
  expect(errors ?? []).toEqual([]);
  expect(valid).toBe(true);
});

test('a path of the same shape is one path, its parameters called as first written', () => {
  expect(Object.keys(document.paths['/api/v1/demo-plugin/{instance}/movies/{id}'] ?? {})).toEqual(['get', 'put']);
  expect(operation('put', '/movies/{id}').parameters.map(({ name }) => name)).toEqual(['instance', 'id']);
});

test('parameters are typed, and only what has no default is required', () => {
  expect(operation('get', '/movies').parameters.slice(1)).toEqual([
    { name: 'limit', in: 'query', required: false, schema: expect.objectContaining({ type: 'integer', default: 20 }) },
    { name: 'genre', in: 'query', required: false, schema: { type: 'array', items: { type: 'string' } } },
  ]);
  expect(operation('get', '/movies/{id}').parameters[1]).toMatchObject({ name: 'id', schema: { format: 'uuid' } });
  expect(operation('get', '/files/{path}').parameters[1]).toMatchObject({ description: /rest of the path/ });
});

test('each route lists the problems it can answer by its nature, and keeps what it declares', () => {
  const statuses = (method: string, path: string) => Object.keys(operation(method, path).responses);
  expect(statuses('get', '/movies')).toEqual(['200', '422', '503', 'default']);
  expect(statuses('get', '/movies/{id}')).toEqual(['200', '401', '404', '422', '503', 'default']);
  expect(statuses('put', '/movies/{id}')).toEqual(['204', '401', '403', '404', '413', '422', '429', '503', 'default']);
  expect(statuses('post', '/hook')).toEqual(['202', '401', '413', '422', '503', 'default']);
  expect(operation('get', '/movies/{id}').responses[404]).toMatchObject({ content: { 'application/json': {} } });
});

test('access becomes security, and a signed route says so', () => {
  expect(operation('get', '/movies').security).toEqual([]);
  expect(operation('put', '/movies/{id}').security).toEqual([
    { bearer: ['demo-plugin:sync'] },
    { apiKey: ['demo-plugin:sync'] },
  ]);
  expect(operation('post', '/hook').security).toEqual([{ webhook: [] }]);
  expect(operation('get', '/files/{path}')).toMatchObject({ 'x-signed': true, description: /signed link/ });
  expect(document.components.securitySchemes).toMatchObject({ apiKey: { in: 'header', name: 'X-API-Key' } });
});

test('bodies that are not JSON have their own media types', () => {
  const content = (method: string, path: string, status = 200) =>
    operation(method, path).responses[status]?.content as Json;
  expect(operation('post', '/token').requestBody).toMatchObject({
    required: true,
    content: { 'application/x-www-form-urlencoded': { schema: { required: ['grant_type'] } } },
  });
  expect(operation('post', '/avatar').requestBody).toMatchObject({
    content: {
      'multipart/form-data': {
        schema: { properties: { file: { format: 'binary' }, title: { type: 'string' } }, required: ['file'] },
        encoding: { file: { contentType: 'image/png' } },
      },
    },
  });
  expect(operation('put', '/raw').requestBody).toEqual({ required: true, content: { 'image/*': {} } });
  expect(content('get', '/files/{path}')).toEqual({ 'video/*': {} });
  expect(content('get', '/list.m3u8')).toEqual({ 'application/vnd.apple.mpegurl': { schema: { type: 'string' } } });
  expect(content('get', '/events')).toMatchObject({
    'text/event-stream': { 'x-event-schema': { properties: { n: { type: 'integer' } } } },
  });
  expect(operation('get', '/go').responses[302]).toMatchObject({ headers: { Location: { required: true } } });
});

test('a named schema is one component, with a second one where input differs from output', () => {
  const { schemas } = document.components;
  expect(Object.keys(schemas)).toEqual(['Movie', 'MovieInput', 'demo_plugin_get_tree_200_self', 'Problem']);
  expect(operation('put', '/movies/{id}').requestBody).toMatchObject({
    content: { 'application/json': { schema: { $ref: '#/components/schemas/MovieInput' } } },
  });
});

test('two schemas of one name that differ are refused, and the same one may be used by two plugins', () => {
  const other = z.object({ name: z.string() }).meta({ id: 'Movie' });
  expect(() => openapi([of('one', '/a', z.array(Movie)), of('two', '/b', z.array(other))])).toThrow(
    /two GET \/b response 200: its schema 'Movie' is not that of one GET \/a response 200/,
  );
  expect(openapi([of('one', '/a', z.array(Movie)), of('two', '/b', Movie)])).toMatchObject({ openapi: '3.1.0' });
});

test('two contracts that answer one path are refused, and operation ids never repeat', () => {
  expect(() => openapi([of('one', '/a', z.string()), of('two', '/a', z.string())])).toThrow(/cannot answer one path/);
  const routes = {
    'GET /a/:b': { access: 'public', responses: { 200: z.string() } },
    'GET /a/by_b': { access: 'public', responses: { 200: z.string() } },
  } as const;
  const { paths } = openapi([defineContract({ ...base, routes })]) as { paths: Json };
  expect(JSON.stringify(paths).match(/"operationId":"[^"]+"/g)).toEqual([
    '"operationId":"one_get_a_by_b"',
    '"operationId":"one_get_a_by_b_2"',
  ]);
});

test('a query that is no object and a type without JSON Schema name their route', () => {
  const query = { 'GET /a': { access: 'public', query: z.string(), responses: { 200: z.string() } } } as const;
  expect(() => openapi([defineContract({ ...base, routes: query })])).toThrow(/^one GET \/a query: not an object/);
  expect(() => openapi([of('one', '/a', z.object({ at: z.date() }))])).toThrow(
    /^one GET \/a response 200 field 'at': Date/,
  );
});
