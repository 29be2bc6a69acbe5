import type { StandardJSONSchemaV1 } from '@standard-schema/spec';
import type { VersionedConfig } from '../contract/contract.ts';
import type { Schema } from '../contract/schema.ts';
import { ContractError } from '../errors.ts';

/** Any JSON object. */
export type Json = Record<string, unknown>;
/** The schema of a config, whether the contract gives it bare or with a version. */
export const configSchema = (config: Schema | VersionedConfig): Schema =>
  '~standard' in config ? config : config.schema;
/** The JSON Schema of what goes in or comes out, by the Standard JSON Schema interface: zod ≥ 4.2, valibot and arktype have it. */
export function jsonSchema(schema: Schema, side: 'input' | 'output'): Json {
  const std = (schema as unknown as StandardJSONSchemaV1)['~standard'];
  if (!std.jsonSchema) throw new ContractError(`${std.vendor}: no JSON Schema for this type`);
  const { $schema: _, ...json } = std.jsonSchema[side]({ target: 'draft-2020-12' });
  return json;
}
