import { problem, type Fault, type Schema } from '@revenge/sdk';

type Issues = readonly {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}[];

/** `body.paths.0`: where the input is wrong, as its writer would say it. */
export function faults(where: string, issues: Issues): Fault[] {
  return issues.slice(0, 50).map(({ message, path = [] }) => ({
    path: [where, ...path.map((part) => String(typeof part === 'object' ? part.key : part))].join('.'),
    message,
  }));
}

/**
 * What the schema makes of a caller's input, at once where the schema can. Throws Problem 422; also where the input is nested so deep that a
 * recursive schema gives up.
 */
export function validate(schema: Schema, value: unknown, where: string): unknown {
  let result: ReturnType<Schema['~standard']['validate']>;
  try {
    result = schema['~standard'].validate(value);
  } catch (error) {
    if (error instanceof RangeError && /call stack/i.test(error.message))
      throw problem.invalid({ path: where, message: 'Nested too deeply.' });
    throw error;
  }
  return 'then' in result ? result.then((r) => accepted(r, where)) : accepted(result, where);
}

type Checked = Awaited<ReturnType<Schema['~standard']['validate']>>;
function accepted(result: Checked, where: string): unknown {
  if (result.issues) throw problem.invalid(...faults(where, result.issues));
  return result.value;
}
