import type { ContractDef } from '../contract/contract.ts';
import type { Wrong } from '../contract/check.ts';
import type { Awaitable } from '../contract/schema.ts';
import type { Context } from './context.ts';
import type { Implementation, Plugin } from './lifecycle.ts';

/** `I` is inferred from the return value; `Exactly` refuses what the contract does not declare. */
export function definePlugin<const C extends ContractDef, I extends Implementation<C>>(
  contract: C,
  setup: (ctx: Context<C>) => Awaitable<I & Exactly<I, Implementation<C>>>,
): Plugin<C> {
  return { contract, setup };
}
/** Refuses what the contract does not declare. */
export type Exactly<I, Shape> = {
  readonly [K in Exclude<keyof I, keyof Shape>]: Wrong<'not declared in the contract'>;
} & {
  readonly [K in keyof I & Sections & keyof Shape]: {
    readonly [N in Exclude<keyof I[K], keyof Shape[K]>]: Wrong<'not declared in the contract'>;
  };
};
/** The parts of an implementation that have names in the contract. */
export type Sections = 'routes' | 'jobs' | 'listens' | 'provides' | 'contributes';
