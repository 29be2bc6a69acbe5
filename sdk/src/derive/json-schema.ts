import type { StandardJSONSchemaV1 } from '@standard-schema/spec';
import type { VersionedConfig } from '../contract/contract.ts';
import type { Schema, Text } from '../contract/schema.ts';
import { ContractError } from '../errors.ts';

/** Any JSON object. */
export type Json = Record<string, unknown>;
/** The schema of a config, whether the contract gives it bare or with a version. */
export const configSchema = (config: Schema | VersionedConfig): Schema =>
  '~standard' in config ? config : config.schema;

/** The English of a text. */
export const english = (text: Text): string => (typeof text === 'string' ? text : text.en);

/**
 * The JSON Schema (2020-12) of what goes in or comes out, by the Standard JSON Schema interface: zod ≥ 4.2, valibot and arktype have it.
 * A type that JSON cannot hold throws a ContractError that names `where` and the field.
 */
export function jsonSchema(schema: Schema, side: 'input' | 'output', where = 'schema'): Json {
  const std = (schema as unknown as StandardJSONSchemaV1)['~standard'];
  if (!std.jsonSchema)
    throw new ContractError(
      `${where}: ${std.vendor} gives no JSON Schema for this; wrap it with its JSON Schema adapter`,
    );
  try {
    const { $schema: _, ...json } = std.jsonSchema[side]({ target: 'draft-2020-12' });
    return json;
  } catch (cause) {
    const { path, why } = deepest(schema, side, cause);
    const cure = 'use a type that JSON has, as z.iso.datetime() for a date, and z.pipe or z.codec around a transform';
    throw new ContractError(`${where}${path ? ` field '${path}'` : ''}: ${why}; ${cure}`, { cause });
  }
}

/** zod's messages name no field, so its parts are asked one by one; of other libraries the whole is named. */
function deepest(schema: object, side: 'input' | 'output', cause: unknown): { path: string; why: string } {
  for (const [name, part] of parts(schema)) {
    const std = (part as Partial<StandardJSONSchemaV1>)['~standard'];
    try {
      std?.jsonSchema[side]({ target: 'draft-2020-12' });
    } catch (inner) {
      const { path, why } = deepest(part, side, inner);
      return { path: [name, path].filter(Boolean).join('.').replaceAll('.[]', '[]'), why };
    }
  }
  return { path: '', why: cause instanceof Error ? cause.message : String(cause) };
}

function parts(schema: object): [string, object][] {
  const { shape, element, def } = schema as {
    shape?: Record<string, object>;
    element?: object;
    def?: { innerType?: object; options?: object[] };
  }; // zod's own members, each looked for before use
  if (shape) return Object.entries(shape);
  if (element && typeof element === 'object') return [['[]', element]];
  if (def?.innerType) return [['', def.innerType]];
  return (def?.options ?? []).map((option) => ['', option]);
}
