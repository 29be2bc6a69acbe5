import { ByteWindow } from './byte-window.ts';
import type { FileReader } from './file-reader.ts';
import { languageOrNull } from './media.ts';
import type { SubtitleStream } from './probe-result.ts';
import type { Extras } from './with-mediabunny.ts';

interface Element {
  readonly id: number;
  readonly start: number;
  readonly end: number;
}

const SEGMENT = 0x18538067;
const TRACKS = 0x1654ae6b;
const CLUSTER = 0x1f43b675;
const TRACK_ENTRY = 0xae;
const SUBTITLE = 17;
/** Elements looked at in one parent: a damaged file must not be read byte by byte. */
const MOST = 4096;
/** Text of a track is at most this long; more is damage. */
const LONGEST_TEXT = 1024;

const codecs: Readonly<Record<string, string>> = {
  'S_TEXT/UTF8': 'srt',
  'S_TEXT/ASCII': 'srt',
  'S_TEXT/ASS': 'ass',
  'S_TEXT/SSA': 'ssa',
  S_ASS: 'ass',
  S_SSA: 'ssa',
  'S_TEXT/WEBVTT': 'webvtt',
  'D_WEBVTT/SUBTITLES': 'webvtt',
  'S_HDMV/PGS': 'pgs',
  'S_HDMV/TEXTST': 'textst',
  S_VOBSUB: 'vobsub',
  S_DVBSUB: 'dvb',
  S_KATE: 'kate',
};
/** Codecs that mediabunny has no name for. */
const otherCodecs: readonly (readonly [string, string])[] = [
  ['V_MPEG4/ISO/', 'mpeg4'],
  ['V_MPEG2', 'mpeg2'],
  ['V_MPEG1', 'mpeg1'],
  ['V_THEORA', 'theora'],
  ['A_TRUEHD', 'truehd'],
  ['A_MPEG/L2', 'mp2'],
  ['A_MS/ACM', 'acm'],
  ['A_ALAC', 'alac'],
];

/** The subtitle tracks of a Matroska file, and what its header says of the others beyond what mediabunny tells. */
export function readMatroskaExtras(reader: FileReader): Extras {
  const window = new ByteWindow(reader);
  const subtitles: SubtitleStream[] = [];
  const tracks = new Map<number, { frameRate?: number; dolbyVision?: boolean; codec?: string }>();
  for (const entry of trackEntries(window)) {
    const fields = new Map<number, Element>();
    for (const field of children(window, entry)) fields.set(field.id, field);
    const track = { window, fields };
    if (uint(track, 0x83, 0) === SUBTITLE) subtitles.push(subtitle(track));
    else tracks.set(uint(track, 0xd7, 0), otherTrack(track));
  }
  return { subtitles, tracks };
}

interface Track {
  readonly window: ByteWindow;
  readonly fields: ReadonlyMap<number, Element>;
}

function* trackEntries(window: ByteWindow): Iterable<Element> {
  for (const top of children(window, { id: 0, start: 0, end: window.size })) {
    if (top.id !== SEGMENT) continue;
    for (const part of children(window, top)) {
      if (part.id === CLUSTER) return;
      if (part.id !== TRACKS) continue;
      for (const entry of children(window, part)) if (entry.id === TRACK_ENTRY) yield entry;
      return;
    }
  }
}

function* children(window: ByteWindow, parent: Element): Iterable<Element> {
  let at = parent.start;
  for (let count = 0; at < parent.end && count < MOST; count++) {
    const idLength = vintLength(window, at);
    if (idLength > 4 || at + idLength >= parent.end) return;
    const sizeLength = vintLength(window, at + idLength);
    const start = at + idLength + sizeLength;
    if (sizeLength > 8 || start > parent.end) return;
    const id = window.uint(at, idLength);
    const end = Math.min(parent.end, start + vint(window, at + idLength, sizeLength));
    yield { id, start, end };
    at = end;
  }
}

function vintLength(window: ByteWindow, at: number): number {
  return Math.clz32(window.uint(at, 1)) - 23;
}

/** A size as EBML writes it; all ones means "until the parent ends". */
function vint(window: ByteWindow, at: number, length: number): number {
  const bytes = window.bytes(at, length);
  const mask = 0xff >> length;
  let value = (bytes[0] ?? 0) & mask;
  let isOpen = value === mask;
  for (const byte of bytes.subarray(1)) {
    value = value * 256 + byte;
    isOpen &&= byte === 0xff;
  }
  return isOpen ? Number.POSITIVE_INFINITY : value;
}

function subtitle(track: Track): SubtitleStream {
  const codec = text(track, 0x86) ?? '';
  return {
    type: 'subtitle',
    codec: codecs[codec] ?? codec.toLowerCase(),
    // Matroska's own default where a track says no language is English; most writers mean "not said".
    language: languageOrNull(text(track, 0x22b59d) ?? text(track, 0x22b59c)),
    title: text(track, 0x536e) ?? null,
    default: uint(track, 0x88, 1) === 1,
    forced: uint(track, 0x55aa, 0) === 1,
    hearing_impaired: uint(track, 0x55ab, 0) === 1,
  };
}

function otherTrack(track: Track): { frameRate?: number; dolbyVision?: boolean; codec?: string } {
  const nanoseconds = uint(track, 0x23e383, 0);
  const codec = text(track, 0x86) ?? '';
  const named = otherCodecs.find(([start]) => codec.startsWith(start) && codec !== 'V_MPEG4/ISO/AVC');
  return {
    ...(nanoseconds > 0 && { frameRate: Math.round(1e12 / nanoseconds) / 1000 }),
    ...(track.fields.has(0x41e4) && { dolbyVision: isDolbyVision(track) }),
    ...(named !== undefined && { codec: named[1] }),
  };
}

/** Whether the track's last addition mapping is a Dolby Vision configuration ('dvcC', 'dvvC', 'dvwC'). */
function isDolbyVision(track: Track): boolean {
  const mapping = track.fields.get(0x41e4);
  if (mapping === undefined) return false;
  for (const field of children(track.window, mapping)) {
    if (field.id === 0x41e7)
      return /^dv[cvw]C$/.test(track.window.text(field.start, Math.min(4, field.end - field.start)));
  }
  return false;
}

function uint(track: Track, id: number, otherwise: number): number {
  const field = track.fields.get(id);
  if (field === undefined || field.end - field.start > 8) return otherwise;
  return track.window.uint(field.start, field.end - field.start);
}

function text(track: Track, id: number): string | undefined {
  const field = track.fields.get(id);
  if (field === undefined || field.end - field.start > LONGEST_TEXT) return undefined;
  const value = track.window.text(field.start, field.end - field.start);
  return value === '' ? undefined : value;
}
