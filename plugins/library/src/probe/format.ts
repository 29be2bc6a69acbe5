import { extname } from 'node:path';

/** `iso` MP4 and MOV, `ebml` Matroska and WebM, `foreign` what only ffprobe reads, `none` nothing that its name promises. */
export type Format = 'iso' | 'ebml' | 'ts' | 'avi' | 'ogg' | 'audio' | 'foreign' | 'none';

const audioOnly = /^\.(mp3|aac|flac|wav)$/i;
const ours =
  /^\.(mp4|m4v|m4a|mov|qt|3gp|3g2|f4v|mkv|mka|mks|mk3d|webm|ts|m2ts|mts|trp|tp|avi|divx|xvid|ogv|ogg|oga|opus)$/i;

/** Which reader a file needs: what its first bytes say, not its name; the name only tells damaged from unknown. */
export function formatOf(path: string, head: Uint8Array): Format {
  const extension = extname(path);
  if (ascii(head, 4, 8) === 'ftyp' || ['moov', 'mdat', 'wide', 'free', 'skip', 'pnot'].includes(ascii(head, 4, 8)))
    return 'iso';
  if (ascii(head, 0, 4) === '\x1A\x45\xDF\xA3') return 'ebml';
  if (ascii(head, 0, 4) === 'RIFF' && ascii(head, 8, 11) === 'AVI') return 'avi';
  if (packetSize(head) !== undefined) return 'ts';
  if (ascii(head, 0, 4) === 'OggS') return 'ogg';
  if (audioOnly.test(extension)) return 'audio';
  return ours.test(extension) && !isForeign(head) ? 'none' : 'foreign';
}

/** Bytes a packet of a transport stream has: 188, 192 with Blu-ray's time stamps, 204 with error correction. */
export function packetSize(head: Uint8Array): { readonly size: number; readonly offset: number } | undefined {
  for (const size of [188, 192, 204]) {
    const offset = size === 192 ? 4 : 0;
    const marks = [0, 1, 2, 3].filter((index) => offset + index * size < head.length);
    if (marks.length > 1 && marks.every((index) => head[offset + index * size] === 0x47)) return { size, offset };
  }
  return undefined;
}

/** ASF, FLV, MPEG program stream, RealMedia: readable by others, whatever the file is called. */
function isForeign(head: Uint8Array): boolean {
  const start = ascii(head, 0, 4);
  return (
    start === '0&\xB2u' ||
    start.startsWith('FLV') ||
    start === '.RMF' ||
    start === '\0\0\x01\xBA' ||
    start === '\0\0\x01\xB3'
  );
}

function ascii(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}
