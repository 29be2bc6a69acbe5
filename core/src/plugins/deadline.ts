/** `work` did not settle in time: what, and after how many milliseconds. */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded';
  constructor(
    readonly what: string,
    readonly after: number,
  ) {
    super(`${what} did not finish within ${after / 1_000} s`);
  }
}

/** Settles with `work`, or rejects after `ms`. What `work` does later is the caller's no more; its late rejection is handed to `late`. */
export async function within<T>(
  ms: number,
  what: string,
  work: () => T | Promise<T>,
  late: (error: unknown) => void,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let over = false;
  const running = Promise.resolve().then(work);
  running.catch((error: unknown) => {
    if (over) late(error);
  });
  try {
    return await Promise.race([
      running,
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          over = true;
          reject(new DeadlineExceeded(what, ms));
        }, ms);
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}
