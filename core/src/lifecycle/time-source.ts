/** Where the kernel gives plugins their time from: the system's, or in tests one that stands until it is moved. */
export interface TimeSource {
  now(): Date;
  /** Calls `work` once after `ms`; the answer takes it back. */
  after(ms: number, work: () => void): () => void;
}

export const systemTime: TimeSource = {
  now: () => new Date(),
  after: (ms, work) => {
    const timer = setTimeout(work, ms);
    return () => clearTimeout(timer);
  },
};
