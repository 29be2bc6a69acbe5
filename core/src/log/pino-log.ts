import { existsSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { destination, type Logger, pino } from 'pino';
import type { KernelLog } from './log.ts';

const ROTATE_BYTES = 20 * 1024 * 1024;
/** Lines wait at most this long before they are written. Milliseconds. */
const FLUSH_EVERY = 500;

type Sink = ReturnType<typeof destination>;

/** Secrets seen so far; shorter ones would redact ordinary words. */
class Redactor {
  readonly #secrets = new Set<string>();
  add(secrets: readonly string[]): void {
    for (const secret of secrets)
      if (secret.length >= 6) this.#secrets.add(secret).add(JSON.stringify(secret).slice(1, -1));
  }
  readonly line = (line: string): string => {
    let clean = line;
    for (const secret of this.#secrets) if (clean.includes(secret)) clean = clean.replaceAll(secret, '[redacted]');
    return clean;
  };
}

class PinoLog implements KernelLog {
  constructor(
    readonly pino: Logger,
    readonly sink: Sink,
    readonly redactor: Redactor,
  ) {}
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
  child(fields: Readonly<Record<string, unknown>>, secrets: readonly string[] = []): KernelLog {
    this.redactor.add(secrets);
    return new PinoLog(this.pino.child(fields), this.sink, this.redactor);
  }
  flush(): void {
    this.sink.flushSync();
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
    minLength: 32 * 1024,
    maxWrite: 64 * 1024,
  });
  // A full disk must not end the server: lines are lost then, requests are not.
  sink.on('error', () => undefined);
  const redactor = new Redactor();
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: isoTime(),
      hooks: { streamWrite: redactor.line },
    },
    sink,
  );
  const timer = setInterval(() => {
    sink.flush(() => undefined);
    if (options.file) rotate(options.file, sink);
  }, FLUSH_EVERY);
  timer.unref();
  return {
    log: new PinoLog(logger, sink, redactor),
    stop: () => {
      clearInterval(timer);
      sink.flushSync();
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
