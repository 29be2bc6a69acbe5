import { z } from 'zod';

type Json = Readonly<Record<string, unknown>>;

const shape = (schema: z.ZodType): Json => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'output' });
  return rest;
};
const time = z.iso.datetime();
/** The eight states of a job. */
export const State = z.enum([
  'available',
  'running',
  'retryable',
  'scheduled',
  'completed',
  'discarded',
  'cancelled',
  'pending',
]);

/** What the kernel's own routes answer, for the components of the OpenAPI document. */
export const coreSchemas = (): Json => ({
  HealthCheck: shape(
    z.object({
      name: z.string(),
      status: z.enum(['healthy', 'unhealthy']),
      message: z.string(),
      details: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
  PluginInstance: shape(
    z.object({
      id: z.string(),
      plugin: z.string(),
      instance: z.string(),
      title: z.string(),
      version: z.string(),
      state: z.enum([
        'blocked',
        'migrating',
        'starting',
        'ready',
        'degraded',
        'retrying',
        'needs-auth',
        'failed',
        'stopping',
        'disabled',
      ]),
      reason: z.string().nullable(),
      since: time,
      required: z.boolean(),
      notices: z.array(z.string()),
      permissions: z.array(z.object({ id: z.string(), text: z.string() })),
    }),
  ),
  PluginConfig: shape(
    z.object({
      schema: z.record(z.string(), z.unknown()),
      values: z.record(z.string(), z.unknown()),
      locked: z.record(z.string(), z.string()),
    }),
  ),
  Job: shape(
    z.object({
      id: z.uuid(),
      type: z.string(),
      instance: z.string(),
      state: State,
      attempt: z.int(),
      max_attempts: z.int(),
      progress: z.number(),
      progress_text: z.string().nullable(),
      error: z.string().nullable(),
      input: z.unknown(),
      created_at: time,
      run_at: time,
      started_at: time.nullable(),
      finished_at: time.nullable(),
    }),
  ),
  DeadLetter: shape(
    z.object({
      id: z.string(),
      event: z.string(),
      listener: z.string(),
      payload: z.unknown(),
      attempts: z.int(),
      error: z.string(),
      occurred_at: time,
      died_at: time,
    }),
  ),
});
