#!/usr/bin/env node
// Writes docs/type-rules.md from the type tests; test/types.test.ts compares.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const tests = new URL('../test/', import.meta.url);
const rows = readdirSync(tests)
  .filter((name) => name.endsWith('.types.test.ts'))
  .flatMap((name) => {
    const lines = readFileSync(new URL(name, tests), 'utf8').split('\n');
    return lines.flatMap((line, i) => {
      const [, number, rule] = /^\s*\/\/ @ts-expect-error (\d+) (.+)$/.exec(line) ?? [];
      return rule ? [{ number: Number(number), rule, right: lines[i - 1].trim(), wrong: lines[i + 1].trim() }] : [];
    });
  })
  .sort((a, b) => a.number - b.number);
const cell = (text) => text.replaceAll('|', '\\|');
const text = `# What does not compile

Generated from \`sdk/test/*.types.test.ts\` by \`npm run report\`; do not edit. Each rule is held by a mistake beside a line that differs only in it.

| rule | | compiles | does not |
| --- | --- | --- | --- |
${rows.map((r) => `| ${r.number} | ${cell(r.rule)} | \`${cell(r.right)}\` | \`${cell(r.wrong)}\` |`).join('\n')}
`;
writeFileSync(new URL('../docs/type-rules.md', import.meta.url), text);
