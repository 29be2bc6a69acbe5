import type { Log } from '@revenge/sdk';

/** The kernel's log: what a plugin's ctx.log is, with children that carry fields in every line. */
export interface KernelLog extends Log {
  /** `secrets` are replaced by [redacted] wherever they stand in a line. */
  child(fields: Readonly<Record<string, unknown>>, secrets?: readonly string[]): KernelLog;
  /** An info line of fields that are JSON already (`"n":1,"s":"x"`): for lines written so often that making them from an object would cost most. */
  infoJson(message: string, members: string): void;
  /** Everything written is on its way to the file or pipe. Called before the process ends. */
  flush(): void;
}
