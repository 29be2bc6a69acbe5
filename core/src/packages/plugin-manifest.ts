import semver from 'semver';
import { KernelError } from '../errors.ts';

const SDK = '@revenge/sdk';
/** npm's own rule for names, in lower case. */
export const PACKAGE_NAME = /^(@[a-z0-9~][a-z0-9._~-]*\/)?[a-z0-9~][a-z0-9._~-]*$/;

export interface PluginManifest {
  readonly name: string;
  readonly version: string;
}

/** What has to be true of a package before anything of it is installed. */
export function pluginManifest(
  manifest: Readonly<Record<string, unknown>>,
  { shownAs, sdkVersion }: { readonly shownAs: string; readonly sdkVersion: string },
): PluginManifest {
  const { name, version, revenge } = manifest;
  if (typeof name !== 'string' || !PACKAGE_NAME.test(name) || name.length > 214)
    throw wrong(`${shownAs} has no usable "name" in its package.json`, 'Name it as npm wants names.');
  if (typeof version !== 'string' || !semver.valid(version))
    throw wrong(`${shownAs} has no usable "version" in its package.json`, 'Give it a version such as 1.0.0.');
  if (!isRecord(revenge) || revenge.plugin !== true)
    throw wrong(
      `${name} is no plugin of Revenge: its package.json lacks "revenge": { "plugin": true }`,
      'Check the name; the author of a plugin adds that line.',
    );
  checkRange(name, manifest, sdkVersion);
  return { name, version };
}

function checkRange(name: string, manifest: Readonly<Record<string, unknown>>, sdkVersion: string): void {
  for (const section of ['peerDependencies', 'dependencies', 'optionalDependencies']) {
    const wanted = manifest[section];
    const range = isRecord(wanted) ? wanted[SDK] : undefined;
    if (range === undefined) continue;
    if (typeof range !== 'string' || semver.validRange(range) === null)
      throw wrong(
        `${name} asks in ${section} for ${SDK} '${String(range)}', which is no range of versions`,
        `Its author writes one such as "^${semver.major(sdkVersion)}.0.0".`,
      );
    if (!semver.satisfies(sdkVersion, range, { includePrerelease: true }))
      throw wrong(
        `${name} needs ${SDK} ${range}; this server has ${sdkVersion}`,
        'Take a version of the plugin made for this server, or update the server.',
      );
  }
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const wrong = (message: string, cure: string): KernelError => new KernelError('RV_PLUGIN', message, cure);
