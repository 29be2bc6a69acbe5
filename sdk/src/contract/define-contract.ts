import { ContractError } from '../errors.ts';
import type { Check, CheckRoutes } from './check.ts';
import type { ContractDef, RouteDef, RouteKey } from './contract.ts';
import type { Str, Text } from './schema.ts';

/** `P` is read from `permissions` alone, so that `access` completes and checks against it. */
export function defineContract<
  const P extends Readonly<Record<string, Text>> = {},
  const C extends ContractDef<Str<keyof NoInfer<P>>> = ContractDef<Str<keyof P>>,
>(contract: C & { readonly permissions?: P } & Check<C>): C {
  const bad = (why: string): never => {
    throw new ContractError(`${contract.id}: ${why}`);
  };
  if (!/^[a-z][a-z0-9-]{1,30}$/.test(contract.id)) bad('an id is lower case letters, digits and dashes');
  const shapes = new Set<string>();
  for (const key of Object.keys(contract.routes ?? {})) {
    const shape = key.replace(/[:*][^/]+/g, (p) => p[0]!);
    if (shapes.has(shape)) bad(`two routes match ${key}`);
    shapes.add(shape);
  }
  return Object.freeze(contract);
}
/** A part of a contract's routes in a file of its own, checked there: `routes: { ...movieRoutes, ...scanRoutes }`. */
export const defineRoutes = <const R extends { readonly [key: RouteKey]: RouteDef }>(routes: R & CheckRoutes<R>): R =>
  routes;
