/** The server as `revenge start` runs it, in a DATA folder of its own, with plugins made for the benchmark. */
import { spawn } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const PLUGINS = 20;

/** Packages with `routes` routes among them, as a third party would write them. */
function writePlugins(folder, routes) {
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const count = Math.min(PLUGINS, routes);
  const each = Math.max(1, Math.round(routes / count));
  return Array.from({ length: count }, (_, n) => {
    const dir = join(folder, `plugin-${n}`);
    mkdirSync(dir);
    const manifest = {
      name: `bench-plugin-${n}`,
      version: '1.0.0',
      type: 'module',
      exports: './plugin.mjs',
      revenge: { plugin: true },
    };
    writeFileSync(join(dir, 'package.json'), JSON.stringify(manifest));
    writeFileSync(join(dir, 'plugin.mjs'), source(n, each));
    return dir;
  });
}

/** Every second route is public and every other one asks for a token, params, a query and a response schema; a lone route has both beside it. */
const source = (n, routes) => `import { z } from 'zod';
import { defineContract, definePlugin, text } from '@revenge/sdk';
import { BODY, Item, ITEM } from ${JSON.stringify(new URL('./item.mjs', import.meta.url).href)};
const routes = {}, handlers = {};
for (let i = 0; i < ${Math.ceil(routes / 2)}; i++) {
  routes['GET /plain-' + i + '/:id'] = { access: 'public', responses: { 200: text('application/json') } };
  handlers['GET /plain-' + i + '/:id'] = () => BODY;
  routes['GET /checked-' + i + '/:id'] = {
    access: 'user',
    params: z.object({ id: z.coerce.number().int() }),
    query: z.object({ limit: z.coerce.number().int().min(1).max(100).default(20) }),
    responses: { 200: Item },
  };
  handlers['GET /checked-' + i + '/:id'] = () => ITEM;
}
export const contract = defineContract({ id: 'bench-${n}', title: 'Bench ${n}', sdk: '^1.0', routes });
export default definePlugin(contract, () => ({ routes: handlers }));
`;

const json = async (url, body) => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return response.json();
};

/** Resolves when it is ready and somebody signed in. */
export async function startRevenge(folder, routes) {
  mkdirSync(folder, { recursive: true });
  const packages = writePlugins(folder, routes);
  const child = spawn(
    process.execPath,
    [join(root, 'core/bin/revenge.mjs'), 'start', '--data', join(folder, 'data'), '--port', '0', '--host', '127.0.0.1'],
    {
      cwd: folder,
      env: { ...process.env, REVENGE__PACKAGES: packages.join(','), REVENGE__OBSERVABILITY__PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const port = await portOf(child);
  const account = { username: 'bench', email: 'bench@example.org', password: 'a long password of the bench' };
  await json(`http://127.0.0.1:${port}/api/v1/auth/register`, account);
  const { access_token: token } = await json(`http://127.0.0.1:${port}/api/v1/auth/login`, account);
  return { child, port, token };
}

function portOf(child) {
  return new Promise((resolve, reject) => {
    let said = '';
    let done = false;
    child.once('exit', (code) => !done && reject(new Error(`revenge start ended with ${code}:\n${said}`)));
    child.stdout.on('data', (chunk) => {
      said += chunk;
      const port = /https?:\/\/(?:localhost|127\.0\.0\.1):(\d+)\//.exec(said)?.[1];
      if (done || !port || !said.includes('Ready')) return;
      done = true;
      resolve(Number(port));
    });
  });
}
