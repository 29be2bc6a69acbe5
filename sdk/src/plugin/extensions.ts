import type { ExtensionPoint } from '../contract/token.ts';

/** The *ready* contributors to a point this plugin hosts, in the operator's order; follows instances as they start and stop. */
export interface Contributions<T, A> extends Iterable<Contributor<T, A>> {
  readonly size: number;
  get(instance: string): Contributor<T, A> | undefined;
  onChange(f: () => void): void;
}
export interface Contributor<T, A> {
  readonly plugin: string;
  readonly instance: string;
  readonly title: string;
  readonly about: A;
  readonly call: T;
}
export type AboutOf<T> = T extends ExtensionPoint<any, infer A> ? A : undefined;
