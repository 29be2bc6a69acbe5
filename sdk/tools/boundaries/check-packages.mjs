import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { BARRELS, EXPORTS, KERNEL_ONLY } from './laws.mjs';

/** @typedef {(file: import('./tree.mjs').File, line: number, law: string, cure: string) => void} Report */

/** Who may import which package. */
export function checkPackages({ packages, files, rootJson }, report) {
  const ours = new Map(packages.map((pkg) => [pkg.name, pkg]));
  for (const file of files) {
    if (file.path.endsWith('/index.ts') && !file.test && !BARRELS.some((b) => b.test(file.path)))
      report(file, 1, 'only the SDK has an index.ts', 'name the file after its subject and import from there');
    for (const each of file.imports) {
      if (each.star) report(file, each.line, '`export *` hides what is public', 'list the names');
      if (each.specifier.startsWith('.')) checkRelative(file, each, report);
      else if (!isBuiltin(each.specifier)) checkPackage(file, each, { ours, rootJson }, report);
    }
    if (file.path.endsWith('/src/contract.ts')) checkContract(file, report);
  }
}

function checkRelative(file, { specifier, line }, report) {
  const target = posix.join(posix.dirname(file.path), specifier);
  if (!target.startsWith(`${file.pkg.dir}/`))
    report(file, line, `'${specifier}' leaves the package`, 'import the other package by its name');
}

function checkPackage(file, each, { ours, rootJson }, report) {
  const [name, subpath] = split(each.specifier);
  const target = ours.get(name);
  if (target && target !== file.pkg) return checkOurs(file, each, target, subpath, report);
  if (target) return report(file, each.line, `a package does not import itself by name`, 'use a relative path');
  if (file.pkg.kind !== 'core' && file.pkg.kind !== 'bench' && KERNEL_ONLY.some((p) => p.test(name)))
    report(file, each.line, `${name} is known in core alone`, 'use what ctx offers');
  if (name === 'typeorm') checkTypeorm(file, each, report);
  checkDeclared(file, each, name, rootJson, report);
}

function checkTypeorm(file, { line, type }, report) {
  const { kind } = file.pkg;
  if (kind === 'sdk' && !type) report(file, line, 'the SDK knows typeorm as a type only', 'write `import type`');
  if (kind === 'kit') report(file, line, 'a kit stores nothing', 'move this to the plugin that owns the table');
  if (kind === 'plugin' && !file.test && !/\/src\/(entities|migrations)\//.test(file.path))
    report(file, line, 'a plugin imports typeorm in entities/ and migrations/ alone', 'use ctx.db here');
}

function checkOurs(file, { specifier, line }, target, subpath, report) {
  const { kind, json } = file.pkg;
  const exports = EXPORTS[target.kind] ?? ['.'];
  if (!exports.includes(subpath))
    report(file, line, `'${specifier}' is not exported by ${target.name}`, `import one of: ${exports.join(' ')}`);
  else if (kind === 'sdk')
    report(file, line, 'the SDK imports nothing of ours', 'declare a port here and let core fulfil it');
  else if (kind === 'kit') report(file, line, 'a kit imports nothing of ours', 'pass what it needs as an argument');
  else if (target.kind === 'sdk') {
    if (subpath === './testing' && !file.test && kind !== 'bench' && !file.path.startsWith('core/src/testing/'))
      report(file, line, '@revenge/sdk/testing is for tests', 'import from @revenge/sdk');
  } else if (kind === 'core')
    report(file, line, 'core names no plugin and no benchmark', 'use its contract, found at run time');
  else if (kind === 'bench')
    report(file, line, 'bench imports the SDK and speaks HTTP', 'call the server from outside');
  else if (target.kind === 'core') report(file, line, 'a plugin never names core', 'use @revenge/sdk');
  else if (target.kind === 'plugin' && subpath !== './contract')
    report(file, line, `of ${target.name} only its contract is public`, `import ${target.name}/contract`);
  if (
    kind === 'plugin' &&
    !{ ...json.dependencies, ...json.peerDependencies, ...(file.test && json.devDependencies) }[target.name]
  )
    report(file, line, `${target.name} is not in ${file.pkg.dir}/package.json`, 'add it to peerDependencies');
}

function checkDeclared(file, { line, type }, name, rootJson, report) {
  const { json, dir } = file.pkg;
  const own = { ...json.dependencies, ...json.peerDependencies, ...json.optionalDependencies };
  const loose = { ...own, ...json.devDependencies, ...rootJson.devDependencies };
  const known = file.test || type ? loose : own;
  const types = `@types/${name.replace('@', '').replace('/', '__')}`;
  if (!(name in known) && !(type && types in loose))
    report(file, line, `${name} is not in ${dir}/package.json`, `add it to its dependencies`);
}

/** Reading a contract must run nothing. */
function checkContract(file, report) {
  for (const { specifier, line, type } of file.imports)
    if (!type && (isBuiltin(specifier) || specifier === 'typeorm' || /(^|\/)plugin\.ts$/.test(specifier)))
      report(
        file,
        line,
        `a contract is pure data and does not load ${specifier}`,
        'move the code out, or load it in a thunk',
      );
}

function split(specifier) {
  const parts = specifier.split('/');
  const n = specifier.startsWith('@') ? 2 : 1;
  return [parts.slice(0, n).join('/'), parts.length > n ? `./${parts.slice(n).join('/')}` : '.'];
}
