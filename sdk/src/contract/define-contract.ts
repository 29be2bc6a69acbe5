import type { Check, CheckRoutes } from './check.ts';
import type { ContractDef, RouteDef, RouteKey } from './contract.ts';
import type { Str, Text } from './schema.ts';
import { validateContract } from './validate.ts';

/** The contract itself, checked and frozen. `P` is read from `permissions` alone, so that `access` completes and checks against it. */
export function defineContract<
  const P extends Readonly<Record<string, Text>> = {},
  const C extends ContractDef<Str<keyof NoInfer<P>>> = ContractDef<Str<keyof P>>,
>(contract: C & { readonly permissions?: P } & Check<C>): C {
  validateContract(contract);
  return Object.freeze(contract);
}
/** A part of a contract's routes in a file of its own, checked there: `routes: { ...movieRoutes, ...scanRoutes }`. */
export const defineRoutes = <const R extends { readonly [key: RouteKey]: RouteDef }>(routes: R & CheckRoutes<R>): R =>
  routes;
