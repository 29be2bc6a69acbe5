#!/usr/bin/env node
// A fence '```ts file=../examples/x.ts#region' holds what stands in that file. usage: check-docs.mjs [--write]   exit status: 0 in step, 1 not
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const sdk = new URL('../', import.meta.url);
const write = process.argv.includes('--write');
const faults = [];

/** The named region, or the whole file, without its indent and region marks. */
function cut(url, region) {
  const lines = readFileSync(url, 'utf8').trimEnd().split('\n');
  const start = region ? lines.findIndex((line) => line.trim() === `// #region ${region}`) : -1;
  if (region && start < 0) throw new Error(`no '// #region ${region}' in ${url.pathname}`);
  const end = region ? lines.findIndex((line, i) => i > start && line.trim() === '// #endregion') : lines.length;
  const body = lines.slice(start + 1, end).filter((line) => !/^\s*\/\/ #(end)?region/.test(line));
  const indent = Math.min(...body.filter((line) => line.trim()).map((line) => line.length - line.trimStart().length));
  return body.map((line) => line.slice(indent)).join('\n');
}

const docs = readdirSync(new URL('docs/', sdk)).filter((name) => name.endsWith('.md'));
for (const path of ['README.md', ...docs.map((name) => `docs/${name}`)]) {
  const file = new URL(path, sdk);
  const text = readFileSync(file, 'utf8');
  const fresh = text.replace(/```ts file=([^\s#]+)(?:#(\S+))?\n([\s\S]*?)```/g, (_, source, region) => {
    const name = region ? `${source}#${region}` : source;
    return `\`\`\`ts file=${name}\n${cut(new URL(source, file), region)}\n\`\`\``;
  });
  if (fresh === text) continue;
  if (write) writeFileSync(file, fresh);
  else faults.push(`sdk/${path}: its code is not that of the file it names; run npm run report`);
}
for (const fault of faults) process.stderr.write(`check:api: ${fault}\n`);
process.exitCode = faults.length ? 1 : 0;
