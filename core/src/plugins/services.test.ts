import { expect, test } from '@jest/globals';
import { runningInstance } from '../lifecycle/attribution.ts';
import { ServiceRegistry } from './services.ts';

interface Greeter {
  greet(): Promise<string>;
}
const greeter = (text: string): Greeter => ({
  greet: async () => `${text} of ${runningInstance()?.plugin ?? 'nobody'}`,
});

test('the kernel reaches whoever provides a service at this moment, in that instance’s name', async () => {
  const services = new ServiceRegistry();
  const id = 'demo.greeter@1.0';
  expect(services.current(id)).toBeUndefined();
  const end = services.provide({ plugin: 'old', instance: 'main' }, id, greeter('hello'));
  expect(await services.current<Greeter>(id)?.greet()).toBe('hello of old');
  services.provide({ plugin: 'new', instance: 'main' }, id, greeter('welcome'));
  expect(await services.current<Greeter>('demo.greeter@1.2')?.greet()).toBe('welcome of new');
  end();
  expect(await services.current<Greeter>(id)?.greet()).toBe('welcome of new');
});

test('a service that was withdrawn is gone for the kernel at once', () => {
  const services = new ServiceRegistry();
  const end = services.provide({ plugin: 'demo', instance: 'main' }, 'demo.greeter@1.0', greeter('hello'));
  expect(services.current('demo.greeter@1.0')).toBeDefined();
  end();
  expect(services.current('demo.greeter@1.0')).toBeUndefined();
});
