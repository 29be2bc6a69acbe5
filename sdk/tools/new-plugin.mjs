#!/usr/bin/env node
// Makes a plugin in the workspace, or with --dir outside it.
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const USAGE = 'usage: npm run new:plugin NAME [-- --dir FOLDER]   NAME as in my-plugin; FOLDER is made';
const root = fileURLToPath(new URL('../..', import.meta.url));

try {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { dir: { type: 'string' } } });
  const [name] = positionals;
  if (!name || positionals.length > 1) throw new Error(USAGE);
  const { newPlugin } = await import('../dist/scaffold/new-plugin.js');
  const dir = values.dir ? resolve(process.env.INIT_CWD ?? '.', values.dir) : join(root, 'plugins', name);
  const inside = !relative(join(root, 'plugins'), dir).startsWith('..');
  const files = await newPlugin({ name, dir, ...(inside ? { workspace: root } : { sdkDir: join(root, 'sdk') }) });
  const next = inside ? 'npm install && npm test' : `cd ${dir} && npm install && npm test`;
  process.stdout.write(`${files.length} files in ${dir}. Next: ${next}\n`);
} catch (error) {
  const unbuilt = error.code === 'ERR_MODULE_NOT_FOUND';
  process.stderr.write(`new:plugin: ${unbuilt ? 'the SDK is not built; run npm run build' : error.message}\n`);
  process.exitCode = 1;
}
