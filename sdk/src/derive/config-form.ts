import type { ContractDef } from '../contract/contract.ts';
import { configSchema, type Json, jsonSchema } from './json-schema.ts';
import { envName } from './names.ts';

/** One field of a plugin's config, with every way to set it. */
export interface ConfigField {
  readonly name: string;
  /** The variable; with `_FILE` behind it, the name of a file that holds the value. */
  readonly env: string;
  /** '--library', where the contract marks one. */
  readonly flag?: string;
  /** What stands for the value in the help: 'KIND=PATH'. */
  readonly placeholder?: string;
  /** Given several times, each adds an item. */
  readonly repeatable: boolean;
  readonly secret: boolean;
  readonly required: boolean;
  readonly description?: string;
  readonly schema: Json;
}
/** A plugin's config as a form: JSON Schema with secrets marked `writeOnly`, and its fields in order. */
export interface ConfigForm {
  readonly schema: Json;
  readonly version: number;
  readonly fields: readonly ConfigField[];
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a field's schema says, also through a reference to the form's definitions. */
function resolved(schema: Json, defs: Json): Json {
  const name = text(schema.$ref)?.replace('#/$defs/', '');
  const target = name === undefined ? undefined : defs[name];
  return isJson(target) ? { ...target, ...schema } : schema;
}

/** The config form of a contract; without a config, one of no fields. `instance` fills the environment names of many. */
export function configForm(c: ContractDef, instance?: string): ConfigForm {
  const schema: Json = c.config ? jsonSchema(configSchema(c.config), 'input', `${c.id} config`) : { type: 'object' };
  const defs = isJson(schema.$defs) ? schema.$defs : {};
  const { properties, required } = resolved(schema, defs);
  const must = new Set(Array.isArray(required) ? required : []);
  const fields = Object.entries(isJson(properties) ? properties : {}).map(([name, of]): ConfigField => {
    const field = resolved(isJson(of) ? of : {}, defs);
    const [flag, placeholder, description] = [
      text(field['x-flag']),
      text(field['x-placeholder']),
      text(field.description),
    ];
    return {
      name,
      env: envName(c, name, instance),
      ...(flag && { flag: `--${flag}` }),
      ...(placeholder && { placeholder }),
      repeatable: field.type === 'array',
      secret: field.writeOnly === true,
      required: must.has(name),
      ...(description && { description }),
      schema: field,
    };
  });
  return { schema, version: c.config && 'schema' in c.config ? c.config.version : 1, fields };
}
