import { configSchema, type ContractDef, type Fault, jsonSchema, problem } from '@revenge/sdk';
import type { GivenSetting } from '../config/server-config.ts';
import { KernelError } from '../errors.ts';
import type { InstanceRef } from '../lifecycle/attribution.ts';

type Values = Readonly<Record<string, unknown>>;
export interface ConfigField {
  readonly name: string;
  /** As the environment writes it, in lower case: 'api_key' of `apiKey`. */
  readonly given: string;
  readonly schema: {
    readonly type?: string | readonly string[];
    readonly writeOnly?: boolean;
    readonly 'x-flag'?: string;
    readonly 'x-placeholder'?: string;
    readonly description?: string;
  };
}

const snake = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/-/g, '_');

/** The fields of a contract's config, from its JSON Schema. */
export function configFields(contract: ContractDef): readonly ConfigField[] {
  if (!contract.config) return [];
  const { properties = {} } = jsonSchema(configSchema(contract.config), 'input') as {
    properties?: Record<string, ConfigField['schema']>;
  };
  return Object.entries(properties).map(([name, schema]) => ({ name, given: snake(name), schema }));
}
export const secretFields = (contract: ContractDef): readonly string[] =>
  configFields(contract)
    .filter(({ schema }) => schema.writeOnly)
    .map(({ name }) => name);

export interface Given {
  readonly values: Values;
  /** Field → where it is held: what the API refuses to change. */
  readonly locked: Readonly<Record<string, string>>;
}

/** What file, environment and command line say of one instance. Throws KernelError for a field that its contract does not have. */
export function givenFor(
  contract: ContractDef,
  ref: InstanceRef,
  settings: readonly GivenSetting[],
  flags: Values,
): Given {
  const fields = configFields(contract);
  const values: Record<string, unknown> = {};
  const locked: Record<string, string> = {};
  const many = contract.instances === 'many';
  for (const { path, value, source } of settings) {
    const [plugin, ...rest] = path;
    if (plugin !== snake(contract.id) && plugin !== contract.id) continue;
    const [name = '', ...deeper] = many ? rest.slice(1) : rest;
    if ((many && rest[0] !== ref.instance) || name === 'enabled') continue;
    const field = fields.find(({ given, name: own }) => given === name || own === name);
    if (!field || deeper.length) throw unknownField(contract, [name, ...deeper].join('.'), source, fields);
    values[field.name] = fromText(field, value);
    locked[field.name] = source;
  }
  for (const { name, schema } of fields) {
    const flag = schema['x-flag'];
    if (!flag || flags[flag] === undefined) continue;
    values[name] = flags[flag];
    locked[name] = `--${flag}`;
  }
  return { values, locked };
}

const unknownField = (
  contract: ContractDef,
  name: string,
  source: string,
  fields: readonly ConfigField[],
): KernelError =>
  new KernelError(
    'RV_CONFIG',
    `${source}: '${name}' is no setting of ${contract.id}`,
    fields.length ? `Its settings are: ${fields.map(({ given }) => given).join(', ')}.` : 'It has no settings.',
  );

/** A text from the environment as the field's type: numbers, booleans, arrays and objects are JSON; what is none stays and fails validation. */
function fromText({ schema }: ConfigField, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const types = [schema.type ?? 'string'].flat();
  if (types.includes('string')) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value; // the schema's own message names the field and what it wants
  }
}

/** Validates; rejects with Problem 422 naming each field. */
export async function validConfig(contract: ContractDef, values: Values): Promise<Readonly<Record<string, unknown>>> {
  if (!contract.config) return Object.freeze({});
  const result = await configSchema(contract.config)['~standard'].validate(values);
  if (!result.issues) return Object.freeze(result.value as Record<string, unknown>);
  throw problem.invalid(...faultsIn(result.issues));
}

async function faultsOf(contract: ContractDef, values: Values): Promise<readonly Fault[]> {
  if (!contract.config) return [];
  return faultsIn((await configSchema(contract.config)['~standard'].validate(values)).issues ?? []);
}

type Issue = Exclude<
  Awaited<ReturnType<ReturnType<typeof configSchema>['~standard']['validate']>>['issues'],
  undefined
>[number];
const faultsIn = (issues: readonly Issue[]): Fault[] =>
  issues.map((issue) => ({
    path: (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.'),
    message: words(issue),
  }));

/** Of a union's branches the one that got furthest speaks: 'movie=PATH is missing' instead of 'invalid input'. */
function words(issue: { readonly message: string; readonly errors?: unknown }): string {
  const branches = (Array.isArray(issue.errors) ? issue.errors.flat() : []) as {
    readonly code?: string;
    readonly message: string;
  }[];
  return (branches.find(({ code }) => code !== 'invalid_type') ?? branches[0] ?? issue).message;
}

/**
 * Everything that file, environment and command line say of plugins, checked before anything starts. Throws KernelError RV_CONFIG with each
 * mistake, its source, and what is expected.
 */
export async function checkGiven(
  contracts: readonly ContractDef[],
  settings: readonly GivenSetting[],
  flags: Values,
): Promise<void> {
  const known = new Set(contracts.flatMap(({ id }) => [id, snake(id)]));
  const stranger = settings.find(({ path: [plugin = ''] }) => !known.has(plugin));
  if (stranger)
    throw new KernelError(
      'RV_CONFIG',
      `${stranger.source}: there is no plugin '${stranger.path[0]}'`,
      `Installed ones: ${contracts.map(({ id }) => id).join(', ') || 'none'}.`,
    );
  const mistakes: string[] = [];
  for (const contract of contracts) {
    const names =
      contract.instances === 'many'
        ? settings.flatMap(({ path: [plugin, name] }) => (plugin === contract.id && name ? [name] : []))
        : ['main'];
    for (const instance of new Set(names)) {
      const { values, locked } = givenFor(contract, { plugin: contract.id, instance }, settings, flags);
      const faults = await faultsOf(contract, values);
      // A field that is missing here may be stored.
      for (const { path, message } of faults)
        if (locked[path.split('.')[0]!]) mistakes.push(`${locked[path.split('.')[0]!]}: ${message}`);
    }
  }
  if (mistakes.length)
    throw new KernelError('RV_CONFIG', mistakes.join('\n  '), "'revenge --help' shows how settings are written.");
}
