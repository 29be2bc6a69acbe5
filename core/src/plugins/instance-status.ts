import type { KernelLog } from '../log/log.ts';
import type { InstanceState } from './plugin-admin.ts';

/** How one instance is: a state, why, since when; and what degrades it while it serves, one reason for each matter. */
export class InstanceStatus {
  readonly #log: KernelLog;
  readonly #changed: () => void;
  readonly #degraded = new Map<string, string>();
  #state: InstanceState = 'disabled';
  #reason: string | undefined;
  #since = new Date();

  constructor(log: KernelLog, changed: () => void) {
    this.#log = log;
    this.#changed = changed;
  }

  get state(): InstanceState {
    return this.#state === 'ready' && this.#degraded.size ? 'degraded' : this.#state;
  }
  get reason(): string | undefined {
    return this.state === 'degraded' ? [...this.#degraded.values()].join(' ') : this.#reason;
  }
  get since(): Date {
    return this.#since;
  }
  /** Ready, degraded or not. */
  get serving(): boolean {
    return this.#state === 'ready';
  }

  to(state: InstanceState, reason?: string): void {
    this.#state = state;
    this.#reason = reason;
    this.#since = new Date();
    this.#log.info('state', { state, ...(reason && { reason }) });
    this.#changed();
  }

  degrade(what: string, reason: string): void {
    if (this.#degraded.get(what) === reason) return;
    this.#degraded.set(what, reason);
    this.#changed();
  }
  recover(what: string): void {
    if (this.#degraded.delete(what)) this.#changed();
  }
  /** A new generation starts without its predecessor's troubles. */
  forget(): void {
    this.#degraded.clear();
  }
}
