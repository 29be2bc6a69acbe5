import type { Log } from '@revenge/sdk';

/** The kernel's log: what a plugin's ctx.log is, with children that carry fields in every line. */
export interface KernelLog extends Log {
  /** `secrets` are replaced by [redacted] wherever they stand in a line. */
  child(fields: Readonly<Record<string, unknown>>, secrets?: readonly string[]): KernelLog;
  /** Everything written is on its way to the file or pipe. Called before the process ends. */
  flush(): void;
}
