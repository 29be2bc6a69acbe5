import { existsSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { destination, type Logger, pino } from 'pino';
import type { KernelLog } from './log.ts';

const ROTATE_BYTES = 20 * 1024 * 1024;
/** Lines wait at most this long before they are written. Milliseconds. */
const FLUSH_EVERY = 500;
/** pino's number for it. */
const INFO = 30;

/** Characters of lines that are gathered before the sink gets them: it measures all it holds at each write. */
const GATHERED = 32 * 1024;

type Sink = ReturnType<typeof destination>;

/** Secrets seen so far; shorter ones would redact ordinary words. */
class Redactor {
  readonly #secrets = new Set<string>();
  add(secrets: readonly string[]): void {
    for (const secret of secrets)
      if (secret.length >= 6) this.#secrets.add(secret).add(JSON.stringify(secret).slice(1, -1));
  }
  clean(text: string): string {
    let clean = text;
    for (const secret of this.#secrets) if (clean.includes(secret)) clean = clean.replaceAll(secret, '[redacted]');
    return clean;
  }
}

/** Whole lines on their way to the sink, freed of secrets when they leave. */
class Lines {
  #text = '';
  constructor(
    readonly sink: Sink,
    readonly redactor: Redactor,
    readonly time: () => string,
  ) {}
  write(line: string): void {
    this.#text += line;
    if (this.#text.length >= GATHERED) this.pass();
  }
  pass(): void {
    if (this.#text === '') return;
    const text = this.redactor.clean(this.#text);
    this.#text = '';
    this.sink.write(text);
  }
  flushSync(): void {
    this.pass();
    this.sink.flushSync();
  }
}

class PinoLog implements KernelLog {
  readonly #fields: string;
  constructor(
    readonly pino: Logger,
    readonly lines: Lines,
    fields: string,
  ) {
    this.#fields = fields;
  }
  debug(message: string, fields: object = {}): void {
    this.pino.debug(fields, message);
  }
  info(message: string, fields: object = {}): void {
    this.pino.info(fields, message);
  }
  warn(message: string, fields: object = {}): void {
    this.pino.warn(fields, message);
  }
  error(message: string | Error, fields: object = {}): void {
    if (message instanceof Error) this.pino.error({ ...fields, err: message }, message.message);
    else this.pino.error(fields, message);
  }
  infoJson(message: string, members: string): void {
    if (this.pino.levelVal > INFO) return;
    const { lines } = this;
    lines.write(
      `{"level":${INFO}${lines.time()}${this.#fields}${members === '' ? '' : `,${members}`},"msg":${JSON.stringify(message)}}\n`,
    );
  }
  child(fields: Readonly<Record<string, unknown>>, secrets: readonly string[] = []): KernelLog {
    this.lines.redactor.add(secrets);
    const members = JSON.stringify(fields).slice(1, -1);
    return new PinoLog(this.pino.child(fields), this.lines, this.#fields + (members === '' ? '' : `,${members}`));
  }
  flush(): void {
    this.lines.flushSync();
  }
}

/**
 * One JSON line an event, to `file` (kept below 20 MB, one old one beside it) or to standard output.
 * Writes are buffered for half a second at most; `stop` writes what is left.
 */
export function openLog(options: { readonly level: string; readonly file: string | undefined }): {
  log: KernelLog;
  stop(): void;
} {
  if (options.file) mkdirSync(dirname(options.file), { recursive: true });
  // Opened here and now: a path that cannot be written is told at the start, and a crash in the first tick loses no line.
  const sink = destination({
    dest: options.file ? openSync(options.file, 'a', 0o640) : 1,
    sync: false,
    maxWrite: 64 * 1024,
    maxLength: 8 * 1024 ** 2,
  });
  // A full disk must not end the server: lines are lost then, requests are not.
  sink.on('error', () => undefined);
  const lines = new Lines(sink, new Redactor(), isoTime());
  const logger = pino({ level: options.level, base: null, timestamp: lines.time }, lines);
  const timer = setInterval(() => {
    lines.pass();
    if (options.file) rotate(options.file, sink);
  }, FLUSH_EVERY);
  timer.unref();
  return {
    log: new PinoLog(logger, lines, ''),
    stop: () => {
      clearInterval(timer);
      lines.flushSync();
    },
  };
}

function rotate(file: string, sink: Sink): void {
  if (!existsSync(file) || statSync(file).size < ROTATE_BYTES) return;
  renameSync(file, `${file}.1`);
  // the sink was opened by descriptor and refuses to reopen without a path of its own
  Object.assign(sink, { file });
  sink.reopen(file);
}

/** Many lines are written in one millisecond: its text is made once. */
function isoTime(): () => string {
  let last = 0;
  let text = '';
  return () => {
    const now = Date.now();
    if (now !== last) text = `,"time":"${new Date((last = now)).toISOString()}"`;
    return text;
  };
}
