import type { Implementation } from '@revenge/sdk';
import type { contract } from '../contract.ts';

/** Some of the contract's handlers: `({ … }) satisfies RoutesOf` checks those that are there. */
export type RoutesOf = Partial<Implementation<typeof contract>['routes']>;
