import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { KernelError } from '../errors.ts';

/** A registry that hangs must not hold a command for ever. Milliseconds. */
const LONGEST = 10 * 60_000;
/** What of npm's complaints is repeated. Lines and characters. */
const TOLD_LINES = 12;
const TOLD_CHARS = 1_500;
/** What a surrounding `npm run` sets that is about where to fetch; all else of it (workspace, prefix) is about another project. */
const KEPT =
  /^npm_config_(registry|cache|.*proxy|userconfig|globalconfig|cafile|ca|strict_ssl|fetch_.*|offline|prefer_offline)$/i;

export type Env = Readonly<Record<string, string | undefined>>;

/** Runs npm in `cwd` without install scripts. What it prints is told only when it fails, and in short. */
export async function npm(args: readonly string[], { cwd, env }: { cwd: string; env: Env }): Promise<string> {
  const [command, ...first] = findNpm(env);
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];
  const child = spawn(command, [...first, ...args, ...quiet], {
    cwd,
    env: Object.fromEntries(Object.entries(env).filter(([name]) => !/^npm_/i.test(name) || KEPT.test(name))),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LONGEST,
  });
  let out = '';
  let complaints = '';
  child.stdout.on('data', (chunk) => (out = `${out}${chunk}`.slice(-1_000_000)));
  child.stderr.on('data', (chunk) => (complaints = `${complaints}${chunk}`.slice(-20_000)));
  const [code, signal] = await new Promise<readonly [number | null, string | null]>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (...ended) => resolve(ended));
  });
  if (code === 0) return out;
  throw new KernelError(
    'RV_PLUGIN',
    `npm ${args[0]} failed${signal ? ` (${signal})` : ''}:\n${inShort(complaints || out)}`,
    'Mend what npm says above and run the command again; nothing was changed.',
  );
}

const inShort = (text: string): string =>
  text
    .split('\n')
    .filter((line) => line.trim() && !/complete log of this run|_logs/.test(line))
    .slice(0, TOLD_LINES)
    .join('\n')
    .slice(0, TOLD_CHARS);

/** The npm that came with this Node, else the one on PATH; its script run by this Node where it can be found. */
function findNpm(env: Env): readonly [string, ...string[]] {
  const node = dirname(process.execPath);
  const scripts = [join(node, '..', 'lib'), node].map((dir) => join(dir, 'node_modules', 'npm', 'bin', 'npm-cli.js'));
  const script = scripts.find((file) => existsSync(file));
  if (script) return [process.execPath, script];
  for (const dir of (env.PATH ?? '').split(delimiter).filter(Boolean)) {
    const beside = join(dir, 'node_modules', 'npm', 'bin', 'npm-cli.js');
    if (existsSync(beside)) return [process.execPath, beside];
    const file = join(dir, 'npm');
    if (existsSync(file)) {
      const real = realpathSync(file);
      return real.endsWith('.js') ? [process.execPath, real] : [real];
    }
  }
  throw new KernelError(
    'RV_PLUGIN',
    `npm was found neither beside ${process.execPath} nor on PATH`,
    'Install npm (it comes with Node.js), or put its folder on PATH.',
  );
}
