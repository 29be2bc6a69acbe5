import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const TSC = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));
const TABLE = fileURLToPath(new URL('../docs/type-rules.md', import.meta.url));

/** Of every mistake: its rule, the line above it that compiles, and the mistake. */
const rules = readdirSync(HERE)
  .filter((name) => name.endsWith('.types.test.ts'))
  .flatMap((name) => {
    const lines = readFileSync(join(HERE, name), 'utf8').split('\n');
    return lines.flatMap((line, i) => {
      const [, number, rule] = /^\s*\/\/ @ts-expect-error (\d+) (.+)$/.exec(line) ?? [];
      const [right = '', wrong = ''] = [lines[i - 1]?.trim(), lines[i + 1]?.trim()];
      return rule ? [{ number: Number(number), rule, right, wrong }] : [];
    });
  })
  .sort((a, b) => a.number - b.number);

/** How many words of the longer line stand in both. */
function likeness(a: string, b: string): number {
  const [more = [], less = []] = [a.match(/\w+/g) ?? [], b.match(/\w+/g) ?? []].sort((m, n) => n.length - m.length);
  const left = [...less];
  const shared = more.filter((word) => left.includes(word) && left.splice(left.indexOf(word), 1));
  return shared.length / more.length;
}

test('every mistake is refused and every line beside it compiles', () => {
  // An unused @ts-expect-error is an error itself, so this fails when a mistake begins to compile.
  const { status, stdout } = spawnSync(process.execPath, [TSC, '-p', join(HERE, 'tsconfig.types.json')], {
    encoding: 'utf8',
  });
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
}, 60_000);

test('the rules are numbered without a gap, and no rule is said twice', () => {
  expect(rules.map(({ number }) => number)).toEqual(rules.map((_, i) => i + 1));
  expect(new Set(rules.map(({ rule }) => rule)).size).toBe(rules.length);
  expect(rules.length).toBeGreaterThanOrEqual(60);
});

test('above each mistake stands a line of code that differs in little', () => {
  const strangers = rules.filter(({ right, wrong }) => right.startsWith('//') || likeness(right, wrong) < 0.5);
  expect(strangers).toEqual([]);
});

test('docs/type-rules.md lists every rule with both lines', () => {
  const cell = (code: string) => `\`${code.replaceAll('|', '\\|')}\``;
  const rows = rules.map(
    (r) => `| ${r.number} | ${r.rule.replaceAll('|', '\\|')} | ${cell(r.right)} | ${cell(r.wrong)} |`,
  );
  const head = ['| rule | | compiles | does not |', '| --- | --- | --- | --- |'];
  expect(
    readFileSync(TABLE, 'utf8')
      .trimEnd()
      .split('\n')
      .slice(-rows.length - 2),
  ).toEqual([...head, ...rows]);
});
