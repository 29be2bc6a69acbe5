import { extname } from 'node:path';

const types: Readonly<Record<string, string>> = {
  mp4: 'video/mp4',
  m4v: 'video/mp4',
  mov: 'video/quicktime',
  mkv: 'video/x-matroska',
  webm: 'video/webm',
  ts: 'video/mp2t',
  mts: 'video/mp2t',
  m2ts: 'video/mp2t',
  avi: 'video/x-msvideo',
  mpg: 'video/mpeg',
  mpeg: 'video/mpeg',
  ogg: 'video/ogg',
  ogv: 'video/ogg',
  wmv: 'video/x-ms-wmv',
  asf: 'video/x-ms-asf',
  flv: 'video/x-flv',
  '3gp': 'video/3gpp',
};

/** The media type to serve a file with: by what was found inside, else by its name. */
export function mediaType(container: string | null, path: string): string {
  return types[container ?? ''] ?? types[extname(path).slice(1).toLowerCase()] ?? 'application/octet-stream';
}
