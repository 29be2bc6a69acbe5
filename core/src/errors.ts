/**
 * Every error the kernel ends or refuses with: a code to look up, and a sentence with culprit, law and cure. Shown without a stack.
 * `exit` is the process's exit code when it ends a command: 2 for what the user typed or wrote, 1 for what the machine refused.
 */
export const KERNEL_ERRORS = {
  RV_CONFIG: { exit: 2, law: 'The configuration has to be right before anything starts.' },
  RV_USAGE: { exit: 2, law: 'Only what --help lists can be typed.' },
  RV_DATA: { exit: 1, law: 'The data folder has to be a folder this user may write.' },
  RV_PORT: { exit: 1, law: 'A port serves one program.' },
  RV_DATABASE: { exit: 1, law: 'PostgreSQL 15 or later in UTF8 has to answer.' },
  RV_LOCKED: { exit: 1, law: 'One server owns a data folder.' },
  RV_NOT_BUILT: { exit: 1, law: 'npm start runs what npm ci built.' },
  RV_PLUGIN: { exit: 1, law: 'A plugin package has a contract, fits the SDK and is installed whole.' },
} as const;

export type KernelErrorCode = keyof typeof KERNEL_ERRORS;

export class KernelError extends Error {
  override readonly name = 'KernelError';
  readonly exit: number;
  constructor(
    readonly code: KernelErrorCode,
    /** What is wrong and where. */
    message: string,
    /** What the reader can do about it. */
    readonly cure: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.exit = KERNEL_ERRORS[code].exit;
  }
}
