import { AsyncLocalStorage } from 'node:async_hooks';

/** One configured instance of a plugin. `instance` is 'main' for plugins of a single one. */
export interface InstanceRef {
  readonly plugin: string;
  readonly instance: string;
}

/** 'auth', 'radarr:uhd': how an instance is named in logs, jobs, plans and the API. */
export const instanceKey = ({ plugin, instance }: InstanceRef): string =>
  instance === 'main' ? plugin : `${plugin}:${instance}`;

const current = new AsyncLocalStorage<InstanceRef>();

/** Everything `work` starts (timers, promises, emitters) is put to that instance, also when it fails long after. */
export const runAs = <T>(ref: InstanceRef, work: () => T): T => current.run(ref, work);

/** The instance whose code this is; also inside uncaughtException and unhandledRejection handlers. */
export const runningInstance = (): InstanceRef | undefined => current.getStore();
