import type { ExtensionPoint } from '../contract/token.ts';

/** The *ready* contributors to a point this plugin hosts, in the operator's order; follows instances as they start and stop. */
export interface Contributions<T, A> extends Iterable<Contributor<T, A>> {
  readonly size: number;
  get(instance: string): Contributor<T, A> | undefined;
  onChange(f: () => void): void;
}
/** One ready contributor to an extension point. */
export interface Contributor<T, A> {
  readonly plugin: string;
  readonly instance: string;
  readonly title: string;
  readonly about: A;
  readonly call: T;
}
/** What a point asks its contributors about themselves. */
// oxlint-disable-next-line typescript/no-explicit-any -- matches any type here; the other is inferred
export type AboutOf<T> = T extends ExtensionPoint<any, infer A> ? A : undefined;
