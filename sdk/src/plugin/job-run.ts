import type { Duration, In } from '../contract/schema.ts';

/** One run of a job. */
export interface JobRun<I> {
  readonly id: string;
  readonly input: I;
  /** From 1. */
  readonly attempt: number;
  /** No retry follows this one. */
  readonly last: boolean;
  /** Aborted on timeout, cancel and stop. */
  readonly signal: AbortSignal;
  progress(ratio: number, text?: string): void;
}

/** What a job's enqueue takes. */
export type JobInput<J> = J extends { readonly input: infer S } ? In<S> : {};
/** The arguments of enqueue; the input may be left out when nothing in it is required. */
export type JobArgs<I> = {} extends I ? [input?: I, when?: EnqueueOptions] : [input: I, when?: EnqueueOptions];
/** `key`: a second enqueue with it within a day, even after the run, answers the first one's id and adds nothing. */
export interface EnqueueOptions {
  readonly in?: Duration;
  readonly at?: Date;
  readonly priority?: 'low' | 'normal' | 'high';
  readonly key?: string;
}
/** Where a job is. */
export interface JobState {
  readonly id: string;
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';
  readonly progress: number;
  readonly text?: string;
  readonly error?: string;
}
/** Where runs of one job are put. */
export interface Queue<I> {
  enqueue(...input: JobArgs<I>): Promise<{ readonly id: string }>;
}
/** One job: to put runs in, look at and cancel them. */
export interface JobHandle<I> extends Queue<I> {
  get(id: string): Promise<JobState | undefined>;
  /** A waiting run goes away, a running one's signal is aborted. */ cancel(id: string): Promise<void>;
}
/** Where one event is put out. */
export interface Emitter<P> {
  emit(payload: P): Promise<void>;
}
/** What a listener knows beside the payload. A durable event may come twice with one `id`. */
export interface Delivery {
  readonly id: string;
  readonly attempt: number;
  readonly occurredAt: Date;
  readonly signal: AbortSignal;
}
