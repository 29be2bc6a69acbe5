import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Registry {
  readonly url: string;
  close(): void;
}

/** A package registry on loopback that has these folders of node_modules alone, packed into `dir`: a plugin's install needs no network. */
export async function startRegistry(dir: string, folders: readonly string[]): Promise<Registry> {
  await promisify(execFile)('npm', ['pack', '--silent', '--ignore-scripts', `--pack-destination=${dir}`, ...folders]);
  const tarballs = new Map(readdirSync(dir).map((file) => [file, readFileSync(join(dir, file))]));
  const manifests = folders.map((folder) => manifestOf(folder));
  const server = createServer((request, reply) => {
    const path = decodeURIComponent(request.url ?? '').slice(1);
    const bytes = tarballs.get(path);
    const manifest = manifests.find(({ name }) => name === path);
    if (bytes) return reply.end(bytes);
    if (!manifest) return reply.writeHead(404).end('{}');
    const { name, version } = manifest;
    const file = `${name.replace('@', '').replace('/', '-')}-${version}.tgz`;
    const integrity = `sha512-${createHash('sha512')
      .update(tarballs.get(file) ?? '')
      .digest('base64')}`;
    const dist = { tarball: `http://${request.headers.host}/${file}`, integrity };
    const versions = { [version]: { ...manifest, dist } };
    return reply.end(JSON.stringify({ name, 'dist-tags': { latest: version }, versions }));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return { url: `http://127.0.0.1:${port}/`, close: () => (server.closeAllConnections(), server.close()) };
}

const manifestOf = (folder: string) =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { readonly name: string; readonly version: string };
