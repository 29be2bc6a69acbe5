import { once } from 'node:events';
import type { ReplyInit, Schema, SseMessage } from '@revenge/sdk';
import type { Exchange } from '../exchange.ts';
import { BadAnswer } from '../problem-answer.ts';
import type { AnswerPlan } from './answer.ts';

type Messages = AsyncIterable<SseMessage<unknown>>;

const isIterable = (body: unknown): body is Messages =>
  typeof body === 'object' && body !== null && Symbol.asyncIterator in body;

/** Server-sent events until the source ends, the client goes, or `stop` aborts. Slow clients hold the source back; nothing is kept for them. */
export async function writeEvents(
  x: Exchange,
  plan: AnswerPlan,
  body: unknown,
  {
    schema,
    stop,
    init,
  }: { readonly schema: Schema | undefined; readonly stop: AbortSignal; readonly init: ReplyInit | undefined },
): Promise<void> {
  if (!isIterable(body)) throw new BadAnswer(`${plan.route} answered something that is no stream of events`);
  const headers = x.headers();
  headers.push('content-type', 'text/event-stream', 'cache-control', 'no-store', 'x-accel-buffering', 'no');
  for (const [name, value] of Object.entries(init?.headers ?? {})) headers.push(name, value);
  x.startStream(200, headers);
  if (x.req.method === 'HEAD') {
    x.res.end();
    return;
  }
  await new EventWriter(x, plan, schema).run(body[Symbol.asyncIterator](), stop);
}

class EventWriter {
  readonly #x: Exchange;
  readonly #plan: AnswerPlan;
  readonly #schema: Schema | undefined;
  #ended = false;

  constructor(x: Exchange, plan: AnswerPlan, schema: Schema | undefined) {
    this.#x = x;
    this.#plan = plan;
    this.#schema = schema;
  }

  async run(source: AsyncIterator<SseMessage<unknown>>, stop: AbortSignal): Promise<void> {
    const { res, scope } = this.#x;
    const end = (): void => this.#end(source);
    const beat = setInterval(() => void res.write(': \n\n'), this.#plan.heartbeatMs);
    beat.unref();
    scope.streams.add(end);
    stop.addEventListener('abort', end, { once: true });
    res.once('close', end);
    // headers and a first comment leave at once: proxies and EventSource then know that it works
    res.write(': \n\n');
    try {
      if (stop.aborted || scope.draining) return;
      await this.#copy(source);
    } catch (error) {
      if (!this.#ended) throw error;
    } finally {
      clearInterval(beat);
      scope.streams.delete(end);
      stop.removeEventListener('abort', end);
      end();
    }
  }

  /** The source is told, but not waited for: a generator that waits for its next message would hold us. */
  #end(source: AsyncIterator<SseMessage<unknown>>): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#x.res.end();
    Promise.resolve(source.return?.()).catch((error: unknown) =>
      this.#x.scope.log.warn('a stream of events did not end well', { request_id: this.#x.id, error: String(error) }),
    );
  }

  async #copy(source: AsyncIterator<SseMessage<unknown>>): Promise<void> {
    const { res } = this.#x;
    while (!this.#ended) {
      const next = await source.next();
      if (next.done || this.#ended) return;
      if (!res.write(frame(next.value, await this.#data(next.value.data))))
        await Promise.race([once(res, 'drain'), once(res, 'close')]);
    }
  }

  async #data(data: unknown): Promise<unknown> {
    if (!this.#schema) return data;
    const result = await this.#schema['~standard'].validate(data);
    if (result.issues)
      throw new BadAnswer(`${this.#plan.route} sent an event its schema refuses: ${result.issues[0]?.message}`);
    return result.value;
  }
}

const oneLine = (text: string): string => text.replaceAll(/[\r\n\0]/g, ' ');

function frame(message: SseMessage<unknown>, data: unknown): string {
  const id = message.id === undefined ? '' : `id: ${oneLine(message.id)}\n`;
  const event = message.event === undefined ? '' : `event: ${oneLine(message.event)}\n`;
  // JSON has no raw line breaks
  return `${id}${event}data: ${JSON.stringify(data) ?? 'null'}\n\n`;
}
