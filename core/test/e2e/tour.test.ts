import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../src/testing/postgres.ts';
import { startTestServer, type TestServer } from '../../src/testing/server.ts';

interface Step {
  readonly script: string;
  /** What the README shows as its output, and in which form. */
  readonly shown?: { readonly form: string; readonly text: string };
}

/** The commands between the two marks of the README, each with the output shown below it. */
function tour(): Step[] {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  const part = /<!-- tour -->([^]*)<!-- \/tour -->/.exec(readme)?.[1] ?? '';
  const blocks = [...part.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].map(([, form = '', text = '']) => ({ form, text }));
  return blocks.flatMap((block, at) => {
    if (block.form !== 'sh') return [];
    const next = blocks[at + 1];
    return [{ script: block.text, ...(next && next.form !== 'sh' && { shown: next }) }];
  });
}

let database: TestDatabase;
let server: TestServer;
beforeAll(async () => {
  database = await createTestDatabase();
  server = await startTestServer({ args: ['--sample'], env: { DATABASE_URL: database.url } });
  await server.printed(/Sample films: \d+ files/);
  await server.printed(/Sample series: \d+ files/);
});
afterAll(async () => {
  await server?.stop();
  await database?.drop();
});

test('the tour of the README can be pasted block after block, and answers what it shows', async () => {
  const steps = tour();
  expect(steps.length).toBeGreaterThanOrEqual(9);
  const mark = '--- end of block ---';
  const script = ['set -eo pipefail', ...steps.map((step) => `${step.script}echo; echo '${mark}'`)].join('\n');
  const here = script
    .replaceAll('http://localhost:8096', server.url)
    .replaceAll('http://127.0.0.1:9096', server.observability);
  const { stdout, stderr } = await promisify(execFile)('bash', ['-c', here], { cwd: server.data });
  expect(stderr).toBe('');
  const said = stdout.split(`${mark}\n`);
  for (const [at, { shown }] of steps.entries()) expect(answers(shown, said[at] ?? '')).toEqual([]);
});

/** What is shown and was not said. */
function answers(shown: Step['shown'], said: string): string[] {
  if (!shown) return said.trim() ? [`not shown: ${said}`] : [];
  if (shown.form === 'json')
    return JSON.stringify(keys(JSON.parse(shown.text))) === JSON.stringify(keys(JSON.parse(said)))
      ? []
      : [`keys other than shown: ${said}`];
  const lines = said.split('\n');
  return shown.text
    .split('\n')
    .filter((line) => line.replaceAll('…', '').trim() !== '')
    .filter((line) => !lines.some((one) => like(line).test(one)));
}

const keys = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.slice(0, 1).map(keys)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, keys(inner)]))
      : '';

/** A shown line as a pattern: ids, addresses and what is left out ('…') differ from run to run, words and figures do not. */
const like = (line: string): RegExp =>
  new RegExp(
    `^${line
      .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      .replace(/http:\/\/localhost:8096/, 'http://[\\d.]+:\\d+')
      .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '[0-9a-f-]{36}')
      .replaceAll('…', '.*')}$`,
  );
