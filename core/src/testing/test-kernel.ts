import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  basePath,
  client,
  type ContractDef,
  type Delivery,
  type Duration,
  type EventToken,
  type Implementation,
  type JobDef,
  type Plugin,
  type User,
} from '@revenge/sdk';
import type { TestHost, TestKernelOptions } from '@revenge/sdk/testing';
import { readConfig } from '../config/read-config.ts';
import { runAs } from '../lifecycle/attribution.ts';
import { milliseconds } from '../lifecycle/duration.ts';
import { systemTime } from '../lifecycle/time-source.ts';
import type { Discovered } from '../plugins/discover.ts';
import { type RunningServer, startServer } from '../server.ts';
import { T } from '../tokens.ts';
import { bearerOf, surroundings } from './fakes.ts';
import { until } from './poll.ts';
import { createTestDatabase } from './postgres.ts';
import { type Recorded, recordingEvents, recordingQueue } from './recorded.ts';
import { TestTime } from './test-time.ts';
import { routedFetch } from './routed-fetch.ts';

const PATIENCE = 20_000;

type Methods = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;
type Sections = Readonly<Record<'provides' | 'contributes' | 'listens', Readonly<Record<string, Methods>>>>;

/** Runs one plugin on the real kernel: a database of its own, a real socket, and fakes for what it needs. Loaded by createTestHost of @revenge/sdk/testing. */
export async function startTestKernel(plugin: Plugin, options: TestKernelOptions): Promise<TestHost<ContractDef>> {
  const contract = plugin.contract as ContractDef;
  const data = mkdtempSync(join(tmpdir(), 'revenge-test-host-'));
  const database = await createTestDatabase();
  const enqueued: Recorded[] = [];
  const emitted: Recorded[] = [];
  const captured: { implementation?: Implementation<ContractDef> } = {};
  const capturing: Plugin = {
    contract,
    setup: async (ctx) => (captured.implementation = (await plugin.setup(ctx)) as Implementation<ContractDef>),
  };
  const eventNames = new Map(Object.entries(contract.emits ?? {}).map(([name, token]) => [token.id, name]));
  const time = options.now ? new TestTime(options.now) : undefined;
  const instance = contract.instances === 'many' ? 'test' : 'main';
  const config = readConfig({
    env: {
      DATABASE_URL: database.url,
      REVENGE__LOG__LEVEL: 'debug',
      REVENGE__OBSERVABILITY__PORT: '0',
      REVENGE__DATABASE__POOL: '5',
    },
    cwd: data,
    flags: { data, host: '127.0.0.1', port: '0' },
  });
  const clean = async () => {
    await database.drop();
    rmSync(data, { recursive: true, force: true });
  };
  let server: RunningServer;
  try {
    server = await startServer({
      config: { ...config, given: givenConfig(contract, instance, options.config) },
      found: [capturing, ...surroundings(contract, options)].map(asFound),
      flags: {},
      version: '0.0.0-test',
      sdkVersion: '1.0.0',
      show: () => undefined,
      changed: () => undefined,
      listening: () => undefined,
      lost: () => undefined,
      replace: {
        time: time ?? systemTime,
        jobs: (queue) => recordingQueue(queue, contract.id, enqueued),
        events: (events) => recordingEvents(events, contract.id, eventNames, emitted),
        ...(options.upstreams && { fetch: routedFetch(options.upstreams) }),
      },
    });
  } catch (error) {
    await clean();
    throw error;
  }
  const ref = { plugin: contract.id, instance };
  const supervisor = server.host.get(instance === 'main' ? contract.id : `${contract.id}:${instance}`)!.supervisor;
  const jobs = server.kernel.get(T.Jobs);
  const sections = () => {
    if (!captured.implementation)
      throw new Error(
        `${contract.id} did not start: ${supervisor.status.state}, ${supervisor.status.reason ?? 'no reason'}`,
      );
    return captured.implementation as unknown as Sections;
  };
  const host = {
    request: (key: string, { as, ...init }: { as?: Partial<User> | null } = {}) => {
      const user = as === undefined ? (options.as ?? {}) : as;
      const call = client<ContractDef>({
        base: `${server.url}/api/v1${basePath(contract, instance)}`,
        contract,
        ...(user && { token: bearerOf(user) }),
      });
      return (call as (key: string, init: object) => Promise<unknown>)(key, init);
    },
    runJob: async (name: string, input: unknown = {}) => {
      const { id } = await jobs.enqueue(ref, name, contract.jobs![name] as JobDef, input);
      const state = await until(
        `job ${name}`,
        async () => {
          const job = await jobs.get(id, ref);
          return job && ['done', 'failed', 'cancelled'].includes(job.state) ? job : undefined;
        },
        PATIENCE,
      );
      if (state.state !== 'done') throw new Error(`job ${name} ${state.state}: ${state.error ?? 'no error was kept'}`);
    },
    emit: async (name: string, payload: unknown, delivery: Partial<Delivery> = {}) => {
      const token = contract.listens![name] as EventToken<unknown, unknown>;
      const parsed = await token.payload['~standard'].validate(payload);
      if (parsed.issues) throw new Error(`emit('${name}'): ${parsed.issues.map(({ message }) => message).join('; ')}`);
      const full: Delivery = {
        id: 'test',
        attempt: 1,
        occurredAt: new Date(),
        signal: AbortSignal.timeout(PATIENCE),
        ...delivery,
      };
      const listen = sections().listens[name] as unknown as (payload: unknown, delivery: Delivery) => unknown;
      await runAs(ref, () => listen(parsed.value, full));
    },
    get provides() {
      return sections().provides;
    },
    get contributes() {
      return sections().contributes;
    },
    clock: {
      advance: async (by: Duration) => {
        if (!time)
          throw new Error('clock.advance() needs createTestHost(plugin, { now }): without it the time is the real one');
        await time.advance(milliseconds(by));
      },
    },
    settle: () =>
      until(
        'nothing is due',
        async () => {
          const { available = 0, running = 0 } = await jobs.counts();
          return available + running === 0 && (await server.kernel.get(T.Events).pending()) === 0 ? true : undefined;
        },
        PATIENCE,
      ).then(() => undefined),
    get enqueued() {
      return enqueued.map(({ name, value }) => ({ name, input: value }));
    },
    get emitted() {
      return emitted.map(({ name, value }) => ({ name, payload: value }));
    },
    metrics: async () => numbersOf((await server.kernel.get(T.Metrics).exposition()).text),
    get state() {
      return supervisor.status.state;
    },
    get reason() {
      return supervisor.status.reason;
    },
    stop: async () => {
      await server.stop();
      await clean();
    },
  };
  return host as unknown as TestHost<ContractDef>; // typed by the contract in createTestHost, by name here
}

const asFound = (plugin: Plugin): Discovered => ({
  package: (plugin.contract as ContractDef).id,
  version: '0.0.0-test',
  dir: '',
  from: 'built-in',
  required: false,
  contract: plugin.contract as ContractDef,
  error: undefined,
  load: async () => plugin,
});

function givenConfig(contract: ContractDef, instance: string, config: unknown) {
  const at = contract.instances === 'many' ? [contract.id, instance] : [contract.id];
  const fields = Object.entries((config ?? {}) as Record<string, unknown>);
  const given = fields.map(([name, value]) => ({ path: [...at, name], value, source: 'the test' }));
  // An instance of many exists because something names it.
  return contract.instances === 'many' && !given.length
    ? [{ path: [...at, 'enabled'], value: 'true', source: 'the test' }]
    : given;
}

/** Prometheus' text as a map from 'name{labels}' to its number. */
function numbersOf(text: string): Readonly<Record<string, number>> {
  const lines = text.split('\n').filter((line) => line && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
}
