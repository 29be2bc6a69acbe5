import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importsOf } from './imports.mjs';

const SKIPPED = new Set(['node_modules', 'dist', 'data', 'template', 'coverage', 'sample']);

/**
 * @typedef {{ path: string, pkg: Package, test: boolean, imports: import('./imports.mjs').Import[] }} File
 * @typedef {{ dir: string, kind: 'sdk' | 'core' | 'plugin' | 'kit' | 'bench', name: string, json: Record<string, any> }} Package
 * The workspace's packages and TypeScript files, paths from the root and with slashes.
 * @param {string} root
 * @returns {{ packages: Package[], files: File[], rootJson: Record<string, any> }}
 */
export function readTree(root) {
  const below = (dir) => list(join(root, dir)).map((name) => `${dir}/${name}`);
  const dirs = ['sdk', 'core', 'bench', ...below('plugins'), ...below('sdk/examples')];
  const packages = dirs
    .filter((dir) => existsSync(join(root, dir, 'package.json')))
    .map((dir) => readPackage(root, dir));
  const files = packages.flatMap((pkg) =>
    filesBelow(root, pkg.dir, dirs).map((path) => ({
      path,
      pkg,
      test: /\.test\.ts$|\/test\//.test(path) || pkg.kind === 'bench',
      imports: importsOf(path, readFileSync(join(root, path), 'utf8')),
    })),
  );
  return { packages, files, rootJson: JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) };
}

function readPackage(root, dir) {
  const json = JSON.parse(readFileSync(join(root, dir, 'package.json'), 'utf8'));
  const kind = dir.includes('/') ? (dir.endsWith('-kit') ? 'kit' : 'plugin') : dir;
  return { dir, kind, name: json.name, json };
}

const list = (dir) => (existsSync(dir) ? readdirSync(dir) : []);

function filesBelow(root, dir, packages) {
  return readdirSync(join(root, dir), { withFileTypes: true }).flatMap((entry) => {
    const path = `${dir}/${entry.name}`;
    if (entry.isDirectory())
      return SKIPPED.has(entry.name) || packages.includes(path) ? [] : filesBelow(root, path, packages);
    return entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts') ? [path] : [];
  });
}
