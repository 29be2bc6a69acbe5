import type { Writable } from 'node:stream';
import { KernelError } from '../errors.ts';

/** Where a command's words go. Written at once: what a person reads must not wait in a buffer behind a crash. */
export interface Terminal {
  readonly out: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly err: Writable;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export const say = (terminal: Terminal, text = ''): void => void terminal.out.write(`${text}\n`);

/** A KernelError in words; anything else is a fault of ours, told with its stack. The exit code. */
export function complain(terminal: Terminal, error: unknown): number {
  if (error instanceof KernelError) {
    terminal.err.write(`revenge: ${error.message}\n  ${error.cure} [${error.code}]\n`);
    return error.exit;
  }
  terminal.err.write(
    `revenge: this should not happen.\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return 1;
}
