import type { Delivery, EventToken, Identity } from '@revenge/sdk';
import { type EventsDeps, PostgresEvents } from '../../src/events/postgres-events.ts';
import { eventMigrations } from '../../src/events/events.migration.ts';
import { testDatabase, type TestNode } from '../jobs/test-nodes.ts';

export const emitter = { plugin: 'library', instance: 'main' } as const;
export const hearer = { plugin: 'radarr', instance: 'uhd' } as const;

export const user = (id: string, permissions: Identity['permissions'] = []): Identity => ({
  id,
  name: id,
  credential: { kind: 'session', id: 's' },
  permissions,
  languages: ['en'],
});

export interface TestEventsNode extends TestNode {
  readonly events: PostgresEvents;
  readonly failures: unknown[];
  listen<I, O>(
    token: EventToken<I, O>,
    handle: (payload: O, delivery: Delivery) => void | Promise<void>,
    name?: string,
  ): Promise<() => Promise<void>>;
  emit<I, O>(token: EventToken<I, O>, payload: unknown): Promise<void>;
}
export interface TestEvents {
  readonly url: string;
  node(more?: Partial<EventsDeps>): Promise<TestEventsNode>;
  sql<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  stop(): Promise<void>;
}

export async function testEvents(): Promise<TestEvents> {
  const database = await testDatabase(eventMigrations);
  const all: PostgresEvents[] = [];
  return {
    url: database.url,
    sql: database.sql,
    node: async (more = {}) => {
      const node = await database.node();
      const events = new PostgresEvents({ ...node, authenticators: { current: () => undefined }, ...more });
      await events.start();
      all.push(events);
      const failures: unknown[] = [];
      return {
        ...node,
        events,
        failures,
        listen: (token, handle, name = 'heard') =>
          events.listen({
            owner: hearer,
            name,
            // Tests hold their tokens with their own payloads; the port has them all as unknown.
            token: token as EventToken<unknown, unknown>,
            handle: handle as (payload: unknown, delivery: Delivery) => void | Promise<void>,
            failed: (error) => void failures.push(error),
          }),
        emit: (token, payload) => events.emit(emitter, token as EventToken<unknown, unknown>, payload),
      };
    },
    stop: async () => {
      for (const events of all) await events.stop();
      await database.drop();
    },
  };
}
