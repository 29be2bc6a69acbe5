import { jsonSchema, type ReplyInit, type Schema, type Special } from '@revenge/sdk';
import type { Exchange } from '../exchange.ts';
import { BadAnswer } from '../problem-answer.ts';
import { type AnswerPlan, appendInit, type Given } from './answer.ts';
import { writeBytes } from './bytes-answer.ts';
import { projector } from './project.ts';
import { writeEvents } from './sse-answer.ts';
import { writeText } from './text-answer.ts';

type Writer = (x: Exchange, given: Given, stop: () => AbortSignal) => void | Promise<void>;
const JSON_TYPE = 'application/json; charset=utf-8';
const PLAIN = [200, 201, 202, 204] as const;

/** All answers that one route may give: a writer for each declared status. */
export class Output {
  readonly #writers = new Map<number, Writer>();
  readonly #plain: number | undefined;

  constructor(
    readonly plan: AnswerPlan,
    responses: Readonly<Record<number, Schema | undefined>>,
  ) {
    for (const [status, schema] of Object.entries(responses)) this.#writers.set(Number(status), writer(plan, schema));
    this.#plain = PLAIN.find((s) => s in responses);
  }

  /** Writes what the handler gave. Throws BadAnswer where the contract does not allow it. */
  write(x: Exchange, result: unknown, stop: () => AbortSignal): void | Promise<void> {
    const given = this.#given(result);
    const write = this.#writers.get(given.status);
    if (!write) throw new BadAnswer(`${this.plan.route} answered ${given.status}, which its contract does not declare`);
    return write(x, given, stop);
  }

  #given(result: unknown): Given {
    if (typeof result === 'object' && result !== null && '~reply' in result) {
      // '~reply' marks what req.reply made
      const reply = result as unknown as { status: number; body: unknown } & ReplyInit;
      return { status: reply.status, body: reply.body, init: reply };
    }
    if (this.#plain === undefined)
      throw new BadAnswer(
        `${this.plan.route} answered a plain value, but declares none of 200, 201, 202, 204: use reply`,
      );
    return { status: this.#plain, body: result, init: undefined };
  }
}

function writer(plan: AnswerPlan, schema: Schema | undefined): Writer {
  const { kind, mime, of } = (schema ?? { kind: 'nothing' }) as Partial<Special>;
  switch (kind) {
    case 'nothing':
      return (x, given) => writeNothing(x, plan, given);
    case 'redirect':
      return (x, given) => writeRedirect(x, plan, given);
    case 'text':
      return (x, given) => {
        if (typeof given.body !== 'string') throw new BadAnswer(`${plan.route} answered something that is no text`);
        return writeText(x, plan, given.body, withCharset(mime ?? 'text/plain'), given.status, given.init);
      };
    case 'bytes':
      return (x, given) =>
        writeBytes(x, plan, given.body, mime ?? 'application/octet-stream', given.status, given.init);
    case 'sse':
      return (x, given, stop) => writeEvents(x, plan, given.body, { schema: of, stop: stop(), init: given.init });
    default:
      return schema ? jsonWriter(plan, schema) : (x, given) => writeNothing(x, plan, given);
  }
}

const withCharset = (mime: string): string =>
  /;\s*charset=/i.test(mime) || !/^(?:text\/|application\/(?:.*\+)?(?:json|xml)$)/.test(mime)
    ? mime
    : `${mime}; charset=utf-8`;

/** Only what the schema answers leaves. Libraries that keep undeclared fields are pruned by the schema's JSON Schema. */
function jsonWriter(plan: AnswerPlan, schema: Schema): Writer {
  const standard = schema['~standard'];
  const prune = ['zod', 'valibot'].includes(standard.vendor) ? undefined : projector(jsonSchema(schema, 'output'));
  const finish = (x: Exchange, given: Given, value: unknown): void | Promise<void> => {
    const text = JSON.stringify(prune ? prune(value) : value);
    if (text === undefined) throw new BadAnswer(`${plan.route} answered nothing where JSON is declared`);
    if (given.status === 204) return writeNothing(x, plan, given);
    return writeText(x, plan, text, JSON_TYPE, given.status, given.init);
  };
  return (x, given) => {
    const result = standard.validate(given.body);
    if ('then' in result) return result.then((r) => finish(x, given, accepted(plan, given.status, r)));
    return finish(x, given, accepted(plan, given.status, result));
  };
}

type Checked = Awaited<ReturnType<Schema['~standard']['validate']>>;
function accepted(plan: AnswerPlan, status: number, result: Checked): unknown {
  if (!result.issues) return result.value;
  const where = result.issues.slice(0, 3).map((i) => {
    const path = (i.path ?? []).map((p) => String(typeof p === 'object' ? p.key : p)).join('.');
    return `${path || '(all of it)'}: ${i.message}`;
  });
  throw new BadAnswer(`${plan.route} answered a ${status} that its schema refuses: ${where.join('; ')}`);
}

function writeNothing(x: Exchange, plan: AnswerPlan, given: Given): void {
  const headers = x.headers();
  appendInit(x, plan, given.status, given.init, headers);
  x.send(given.status, headers, undefined);
}

function writeRedirect(x: Exchange, plan: AnswerPlan, given: Given): void {
  const headers = x.headers();
  appendInit(x, plan, given.status, given.init, headers);
  headers.push('location', asciiUrl(String(given.body)));
  x.send(given.status, headers, undefined);
}
/** A Location header is ASCII: what is encoded already stays so, the rest is. */
function asciiUrl(location: string): string {
  // a line break in a header is an injection
  if (/\p{Cc}/u.test(location)) throw new BadAnswer('a redirect to an address with control characters');
  return location.replaceAll(/\p{Surrogate}/gu, '').replaceAll(/[^\u0021-\u007e]+/g, encodeURIComponent);
}
