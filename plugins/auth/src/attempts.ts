import type { AuthContext } from './auth-context.ts';

/** Counts in revenge_auth_attempts_total how `work` ended. */
export async function counted<T>(
  metrics: AuthContext['metrics'],
  method: 'login' | 'register' | 'refresh',
  work: () => Promise<T>,
): Promise<T> {
  let status: 'success' | 'failure' = 'failure';
  try {
    const result = await work();
    status = 'success';
    return result;
  } finally {
    metrics.attempts.inc({ method, status });
  }
}
