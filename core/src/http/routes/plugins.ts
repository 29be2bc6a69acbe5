import { z } from 'zod';
import { problem } from '@revenge/sdk';
import type { HttpDeps } from '../http-deps.ts';
import type { CoreRoute } from './core-call.ts';

const PERMISSION = 'core:plugins';
const Values = z.record(z.string(), z.unknown());
const NewInstance = z.object({ plugin: z.string(), instance: z.string(), config: Values.default({}) });

/** What is installed, how it is, and its settings. For administrators. */
export function pluginRoutes({ plugins }: HttpDeps): CoreRoute[] {
  const change = (path: string, what: 'enable' | 'disable' | 'restart'): CoreRoute => ({
    method: 'post',
    path: `/api/v1/plugins/:id/${path}`,
    run: async (call) => {
      await call.admin(PERMISSION);
      await call.json(200, await plugins()[what](call.param('id')));
    },
  });
  return [
    {
      method: 'get',
      path: '/api/v1/plugins',
      run: async (call) => {
        await call.admin(PERMISSION);
        const list = plugins().list();
        await call.json(200, { plugins: list, total: list.length });
      },
    },
    {
      method: 'post',
      path: '/api/v1/plugins',
      run: async (call) => {
        await call.admin(PERMISSION);
        const { plugin, instance, config } = await call.body(NewInstance);
        await call.json(201, await plugins().create(plugin, instance, config));
      },
    },
    {
      method: 'get',
      path: '/api/v1/plugins/:id',
      run: async (call) => {
        await call.admin(PERMISSION);
        const found = plugins()
          .list()
          .find(({ id }) => id === call.param('id'));
        if (!found) throw problem.notFound('plugin');
        await call.json(200, found);
      },
    },
    {
      method: 'delete',
      path: '/api/v1/plugins/:id',
      run: async (call) => {
        await call.admin(PERMISSION);
        await plugins().remove(call.param('id'));
        call.nothing();
      },
    },
    {
      method: 'get',
      path: '/api/v1/plugins/:id/config',
      run: async (call) => {
        await call.admin(PERMISSION);
        await call.json(200, await plugins().configForm(call.param('id')));
      },
    },
    {
      method: 'put',
      path: '/api/v1/plugins/:id/config',
      run: async (call) => {
        await call.admin(PERMISSION);
        await call.json(200, await plugins().configure(call.param('id'), await call.body(Values)));
      },
    },
    change('enable', 'enable'),
    change('disable', 'disable'),
    change('restart', 'restart'),
  ];
}
