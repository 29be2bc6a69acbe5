import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

export const SDK_DIR = fileURLToPath(new URL('../../../sdk', import.meta.url));

export interface Scratch {
  readonly dir: string;
  end(): void;
}
export function scratch(): Scratch {
  const dir = mkdtempSync(join(tmpdir(), 'revenge-packages-'));
  return { dir, end: () => rmSync(dir, { recursive: true, force: true }) };
}

type Manifest = Readonly<Record<string, unknown>>;
type Files = Readonly<Record<string, string>>;

const tiny = (manifest: Manifest): Manifest => ({
  name: 'revenge-plugin-tiny',
  version: '1.0.0',
  type: 'module',
  exports: './index.js',
  revenge: { plugin: true },
  peerDependencies: { '@revenge/sdk': '^1.0.0' },
  ...manifest,
});
const INDEX = "export { defineContract as default } from '@revenge/sdk';\n";

/** A plugin's tarball, laid out as npm lays it out. Answers its path. */
export function packedPlugin(dir: string, manifest: Manifest = {}, files: Files = {}): string {
  const { name, version } = tiny(manifest);
  const file = join(dir, `${String(name).replace('@', '').replace('/', '-')}-${String(version)}.tgz`);
  const all = { 'package.json': JSON.stringify(tiny(manifest)), 'index.js': INDEX, ...files };
  return tarballOf(
    file,
    Object.entries(all).map(([path, text]) => ({ path: `package/${path}`, text })),
  );
}

/** The same packed by npm, as its author would. */
export function packedByNpm(dir: string): string {
  const from = mkdtempSync(join(dir, 'source-'));
  writeFileSync(join(from, 'package.json'), JSON.stringify(tiny({})));
  writeFileSync(join(from, 'index.js'), INDEX);
  const out = execFileSync('npm', ['pack', '--silent', `--pack-destination=${dir}`], { cwd: from, encoding: 'utf8' });
  return join(dir, out.trim().split('\n').at(-1) ?? '');
}

/** A tarball of just these entries, also of ones that no npm would pack. */
export function tarballOf(
  file: string,
  entries: readonly { readonly path: string; readonly text?: string; readonly type?: string }[],
): string {
  const blocks = entries.flatMap(({ path, text = '', type = '0' }) => {
    const header = Buffer.alloc(512);
    header.write(path, 0);
    header.write('0000644\0', 100);
    header.write(`${Buffer.byteLength(text).toString(8).padStart(11, '0')}\0`, 124);
    header.write('00000000000\0', 136);
    header.write(' '.repeat(8), 148);
    header.write(type, 156);
    if (type === '2') header.write('/etc/passwd', 157);
    header.write('ustar\u000000', 257);
    header.write(
      `${header
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, '0')}\0 `,
      148,
    );
    const body = Buffer.alloc(Math.ceil(Buffer.byteLength(text) / 512) * 512);
    body.write(text);
    return [header, body];
  });
  writeFileSync(file, gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)])));
  return file;
}
