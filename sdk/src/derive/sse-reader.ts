import type { SseMessage } from '../contract/schema.ts';

/** Longest line kept; a server that sends more without a line end is not speaking this protocol. */
const LONGEST = 8 * 1024 ** 2;

class Parser {
  #data: string[] = [];
  #event = '';
  #id: string | undefined;

  /** The message that an empty line ends, if there is one. */
  line(line: string): SseMessage<unknown> | undefined {
    if (line === '') return this.#end();
    const colon = line.indexOf(':');
    if (colon === 0) return undefined; // a heartbeat
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'data') this.#data.push(value);
    else if (name === 'event') this.#event = value;
    else if (name === 'id' && !value.includes('\0')) this.#id = value;
    return undefined;
  }

  #end(): SseMessage<unknown> | undefined {
    const data = this.#data.join('\n');
    const had = this.#data.length > 0;
    const event = this.#event;
    this.#data = [];
    this.#event = '';
    if (!had) return undefined;
    return {
      data: JSON.parse(data),
      ...(this.#id !== undefined && { id: this.#id }),
      ...(event && { event }),
    };
  }
}

/** The messages of a text/event-stream as they come. Leaving the loop cancels the request. */
export async function* readEvents(response: Response): AsyncGenerator<SseMessage<unknown>> {
  if (!response.body) return;
  const parser = new Parser();
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>) {
    // the DOM's type lacks the iterator that Node and browsers have
    rest += decoder.decode(bytes, { stream: true });
    const lines = rest.split(/\r\n|\n|\r(?=.)/s); // a last lone \r may be half of \r\n
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST)
      throw new RangeError(`a line of more than ${LONGEST} characters is no server-sent event`);
    for (const line of lines) {
      const message = parser.line(line);
      if (message) yield message;
    }
  }
}

async function* empty(): AsyncGenerator<never> {} // answered, but by no stream: ask again

const pause = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', end);
      resolve();
    }, ms);
    signal?.addEventListener('abort', end, { once: true });
  });

/** Opens a broken stream again after the last id that came, waiting 1 s and up to 30 s while it fails; a refusal (4xx) ends it. */
export async function* reconnecting(
  first: AsyncIterable<SseMessage<unknown>>,
  open: (lastEventId: string) => Promise<{ readonly events?: AsyncIterable<SseMessage<unknown>> }>,
  signal: AbortSignal | undefined,
): AsyncGenerator<SseMessage<unknown>> {
  let last = '';
  let wait = 1_000;
  let stream = first;
  for (;;) {
    try {
      for await (const message of stream) {
        last = message.id ?? last;
        wait = 1_000;
        yield message;
      }
    } catch (error) {
      if (signal?.aborted || error instanceof SyntaxError || error instanceof RangeError) throw error;
      // a cut connection: opened again below
    }
    stream = await reopened();
  }

  async function reopened(): Promise<AsyncIterable<SseMessage<unknown>>> {
    for (;;) {
      await pause(wait, signal);
      wait = Math.min(wait * 2, 30_000);
      const events = await open(last).then(
        (answer) => answer.events ?? empty(),
        (error: unknown) => {
          const status = (error as { status?: unknown } | undefined)?.status; // a Problem has one, a network error none
          if (signal?.aborted || (typeof status === 'number' && status < 500 && status !== 429)) throw error;
          return undefined;
        },
      );
      if (events) return events;
    }
  }
}
