import { type JobDef, problem, type Fault } from '@revenge/sdk';

/** Characters of JSON. Bigger things belong in a table, and the job's input names them. */
const MOST = 256 * 1024;

export interface CheckedInput {
  /** What the enqueuer gave, as it is stored: it is parsed again when the run starts. */
  readonly json: string;
  /** What the schema made of it, for telling equal inputs apart from others: `{}` and its defaults are equal. */
  readonly parsed: string;
}

/** Throws Problem 422 on what the job's schema refuses, or what is no JSON. */
export async function checkInput(type: string, def: JobDef, input: unknown): Promise<CheckedInput> {
  const given: unknown = input ?? {};
  const parsed = await parseInput(type, def, given);
  return { json: toJson(type, given), parsed: toJson(type, parsed) };
}

export async function parseInput(type: string, def: JobDef, input: unknown): Promise<unknown> {
  if (!def.input) return input;
  const result = await def.input['~standard'].validate(input);
  if (!result.issues) return result.value;
  throw problem.invalid(
    ...result.issues.map(({ message, path }): Fault => ({
      path: `input${pathOf(path)}`,
      message: `job ${type}: ${message}`,
    })),
  );
}

const pathOf = (path: readonly unknown[] | undefined): string =>
  (path ?? [])
    .map((part) => `.${String(typeof part === 'object' && part !== null && 'key' in part ? part.key : part)}`)
    .join('');

function toJson(type: string, value: unknown): string {
  let json: string | undefined;
  try {
    json = JSON.stringify(value);
  } catch (error) {
    throw problem.invalid({ path: 'input', message: `job ${type}: the input is no JSON (${String(error)})` });
  }
  if (json === undefined) throw problem.invalid({ path: 'input', message: `job ${type}: the input is no JSON` });
  if (json.length > MOST)
    throw problem.invalid({
      path: 'input',
      message: `job ${type}: the input is longer than ${MOST} characters of JSON`,
    });
  if (/(?<!\\)(?:\\\\)*\\u0000/.test(json))
    throw problem.invalid({
      path: 'input',
      message: `job ${type}: the input has a NUL character, which cannot be stored`,
    });
  return json;
}
