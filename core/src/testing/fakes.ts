import {
  Authenticator,
  type ContractDef,
  type ExtensionPoint,
  type Identity,
  type OptionalService,
  type Plugin,
  type Service,
  type User,
} from '@revenge/sdk';
import type { TestKernelOptions } from '@revenge/sdk/testing';
import { calls } from '../plugins/services.ts';

/** A plugin that stands in for everything around the one under test: the services it needs, the contributors to its points, who is calling. */
export function surroundings(contract: ContractDef, options: TestKernelOptions): readonly Plugin[] {
  const needs = Object.entries((contract.needs ?? {}) as Record<string, Service<unknown> | OptionalService<unknown>>);
  const own = new Set(Object.values(contract.provides ?? {}).map(({ id }) => id));
  const provides: Record<string, Service<object>> = {};
  const implementations: Record<string, object> = {};
  for (const [name, need] of needs) {
    const fake = options.services?.[name];
    if (own.has(need.id) || (!fake && need.kind === 'optional')) continue;
    provides[name] = { kind: 'service', id: need.id };
    const all: object = need.id === Authenticator.id ? { ...testAuthenticator(options.as), ...fake } : (fake ?? {});
    implementations[name] = answering(name, all);
  }
  if (!own.has(Authenticator.id) && !needs.some(([, { id }]) => id === Authenticator.id)) {
    provides.callers = Authenticator as Service<object>;
    implementations.callers = testAuthenticator(options.as);
  }
  const services: ContractDef = { id: 'test-surroundings', title: 'What is around', sdk: '*', provides };
  return [
    { contract: services, setup: () => ({ provides: implementations }) as never },
    ...contributors(contract, options),
  ];
}

function* contributors(contract: ContractDef, { extensions = {} }: TestKernelOptions): Iterable<Plugin> {
  for (const [point, all] of Object.entries(extensions))
    for (const { instance, about, call } of all ?? []) {
      const { id } = (contract.hosts as Record<string, ExtensionPoint<unknown, unknown>>)[point]!;
      const fake: ContractDef = {
        id: instance,
        title: instance,
        sdk: '*',
        contributes: { it: { kind: 'contribution', id, about } },
      };
      yield { contract: fake, setup: () => ({ contributes: { it: call } }) as never };
    }
}

/** A method that the test did not give says so by name, instead of "undefined is not a function". */
function answering(need: string, methods: object): object {
  return calls((method, args) => {
    const f = (methods as Record<string, unknown>)[method];
    if (typeof f !== 'function') return Promise.reject(new Error(`the test gives no services.${need}.${method}()`));
    return (f as (...a: readonly unknown[]) => unknown).apply(methods, args as unknown[]);
  });
}

const ADMIN = { id: '00000000-0000-7000-8000-000000000001', name: 'admin' };

/** A bearer token that is a user, for the test's own requests. */
export const bearerOf = (user: Partial<User>): string =>
  `test.${Buffer.from(JSON.stringify({ ...user, can: user.can?.toString() })).toString('base64url')}`;

/** Believes what `bearerOf` says. `permissions` may stand beside the user; without them it is an administrator. */
function testAuthenticator(as: Partial<User> | undefined): Authenticator {
  const identityOf = (user: Partial<User> & { readonly permissions?: Identity['permissions'] }): Identity => ({
    id: user.id ?? ADMIN.id,
    name: user.name ?? ADMIN.name,
    credential: user.credential ?? { kind: 'session', id: 'test' },
    permissions: user.permissions ?? '*',
    languages: ['en'],
  });
  return {
    authenticate: async ({ secret }) =>
      secret.startsWith('test.')
        ? identityOf(JSON.parse(Buffer.from(secret.slice(5), 'base64url').toString('utf8')) as Partial<User>)
        : undefined,
    identity: async (id) => identityOf({ ...as, id }),
    holds: async () => true,
    granted: async () => '*',
  };
}
