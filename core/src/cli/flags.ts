import { parseArgs, type ParseArgsConfig } from 'node:util';
import type { ContractDef } from '@revenge/sdk';
import { FLAG_PATHS } from '../config/read-config.ts';
import { KernelError } from '../errors.ts';
import { configFields } from '../plugins/config-values.ts';

/** A field of a plugin's config that the command line sets. */
export interface PluginFlag {
  readonly name: string;
  readonly plugin: string;
  readonly kind: 'boolean' | 'string' | 'list';
  readonly placeholder: string;
  readonly help: string;
}

/** Of all contracts; a name that core or an earlier plugin has is left to them. */
export function pluginFlags(contracts: Iterable<ContractDef>): readonly PluginFlag[] {
  const taken = new Set<string>([...Object.keys(FLAG_PATHS), 'config', 'help', 'version']);
  const flags: PluginFlag[] = [];
  for (const contract of contracts)
    for (const { schema } of configFields(contract)) {
      const name = schema['x-flag'];
      if (!name || taken.has(name)) continue;
      taken.add(name);
      const types = [schema.type ?? 'string'].flat();
      const kind = types.includes('array') ? 'list' : types.includes('boolean') ? 'boolean' : 'string';
      flags.push({
        name,
        plugin: contract.id,
        kind,
        placeholder: schema['x-placeholder'] ?? name.toUpperCase(),
        help: schema.description ?? '',
      });
    }
  return flags;
}

const CORE: NonNullable<ParseArgsConfig['options']> = {
  ...Object.fromEntries(Object.keys(FLAG_PATHS).map((name) => [name, { type: 'string' as const }])),
  config: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
};

export interface Parsed {
  readonly positionals: readonly string[];
  readonly core: Readonly<Record<string, string | undefined>>;
  readonly help: boolean;
  readonly version: boolean;
  readonly plugins: Readonly<Record<string, unknown>>;
}

/** Core's own options alone: enough to find the data folder, and with it the plugins whose flags `parse` then knows. */
export function peek(argv: readonly string[]): Parsed {
  const { values, positionals } = parseArgs({ args: [...argv], options: CORE, strict: false, allowPositionals: true });
  return sorted(values, positionals, []);
}

/** Throws KernelError RV_USAGE for what nobody declared, with the nearest name that somebody did. */
export function parse(argv: readonly string[], flags: readonly PluginFlag[]): Parsed {
  const options: NonNullable<ParseArgsConfig['options']> = { ...CORE };
  for (const { name, kind } of flags)
    options[name] = kind === 'boolean' ? { type: 'boolean' } : { type: 'string', multiple: kind === 'list' };
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options, strict: true, allowPositionals: true });
    return sorted(values, positionals, flags);
  } catch (error) {
    const text = (error as Error).message.split('. ', 1)[0]!;
    const wrong = /'-*([^' ]+)/.exec(text)?.[1] ?? '';
    const near = nearest(wrong.replace(/=.*/, ''), Object.keys(options));
    throw new KernelError(
      'RV_USAGE',
      text,
      `${near ? `Did you mean --${near}? ` : ''}'revenge --help' lists what can be typed.`,
      { cause: error },
    );
  }
}

function sorted(
  values: Readonly<Record<string, unknown>>,
  positionals: readonly string[],
  flags: readonly PluginFlag[],
): Parsed {
  const text = (name: string) => (typeof values[name] === 'string' ? values[name] : undefined);
  return {
    positionals,
    core: Object.fromEntries([...Object.keys(FLAG_PATHS), 'config'].map((name) => [name, text(name)])),
    help: values.help === true,
    version: values.version === true,
    plugins: Object.fromEntries(
      flags.flatMap(({ name }) => (values[name] === undefined ? [] : [[name, values[name]]])),
    ),
  };
}

/** By edit distance, at most a third of its letters away. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  const scored = names.map((name) => [distance(word, name), name] as const).toSorted(([a], [b]) => a - b)[0];
  return scored && scored[0] <= Math.max(1, Math.floor(scored[1].length / 3)) ? scored[1] : undefined;
}

/** Optimal string alignment: a letter changed, added, left out, or two neighbours swapped cost one each. */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i += 1) {
    const [above, row] = [rows[i - 1]!, [i]];
    for (let j = 1; j <= b.length; j += 1) {
      const changed = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? rows[i - 2]![j - 2]! + 1 : Infinity;
      row.push(Math.min(row[j - 1]! + 1, above[j]! + 1, changed, swapped));
    }
    rows.push(row);
  }
  return rows.at(-1)!.at(-1)!;
}
