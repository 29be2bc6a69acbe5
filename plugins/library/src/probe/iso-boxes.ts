import { ByteWindow } from './byte-window.ts';
import type { FileReader } from './file-reader.ts';
import { languageOrNull } from './media.ts';
import type { SubtitleStream } from './probe-result.ts';
import type { Extras } from './with-mediabunny.ts';

interface Box {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

/** Boxes looked at in one parent: a damaged file must not be read byte by byte. */
const MOST = 1024;
const subtitleHandlers: ReadonlySet<string> = new Set(['sbtl', 'text', 'subt', 'clcp', 'subp']);
const codecs: Readonly<Record<string, string>> = {
  wvtt: 'webvtt',
  stpp: 'ttml',
  mp4s: 'vobsub',
  c608: 'eia608',
  c708: 'eia708',
};

/** The subtitle tracks of an MP4 or MOV file, and the codecs that mediabunny has no name for. */
export function readIsoExtras(reader: FileReader): Extras {
  const window = new ByteWindow(reader);
  const subtitles: SubtitleStream[] = [];
  const tracks = new Map<number, { codec?: string; dolbyVision?: boolean }>();
  const movie = find(window, { type: '', start: 0, end: window.size }, 'moov');
  if (movie === undefined) return { subtitles, tracks };
  for (const track of boxes(window, movie)) {
    if (track.type !== 'trak') continue;
    const header = find(window, track, 'tkhd');
    const media = find(window, track, 'mdia');
    const entry = media && sampleEntry(window, media);
    if (header === undefined || media === undefined || entry === undefined) continue;
    const flags = window.uint(header.start, 4);
    const id = window.uint(header.start + (flags >>> 24 === 1 ? 20 : 12), 4);
    const handler = find(window, media, 'hdlr');
    const kind = handler === undefined ? '' : window.text(handler.start + 8, 4);
    if (subtitleHandlers.has(kind)) subtitles.push(subtitle(window, media, { entry, isEnabled: (flags & 1) === 1 }));
    else tracks.set(id, { ...otherCodec(entry), dolbyVision: /^dv(h1|he|a1|av)$/.test(entry) });
  }
  const seconds = movieSeconds(window, movie);
  return { subtitles, tracks, ...(seconds !== undefined && { seconds }) };
}

/** The movie's own length: the tracks' include what an edit list cuts away. Undefined where it is in fragments. */
function movieSeconds(window: ByteWindow, movie: Box): number | undefined {
  const header = find(window, movie, 'mvhd');
  if (header === undefined) return undefined;
  const isLong = window.uint(header.start, 1) === 1;
  const scale = window.uint(header.start + (isLong ? 20 : 12), 4);
  const length = window.uint(header.start + (isLong ? 24 : 16), isLong ? 8 : 4);
  return scale > 0 && length > 0 && length < 0xff_ff_ff_ff ? length / scale : undefined;
}

function subtitle(window: ByteWindow, media: Box, track: { entry: string; isEnabled: boolean }): SubtitleStream {
  return {
    type: 'subtitle',
    codec: codecs[track.entry] ?? track.entry,
    language: language(window, media),
    title: null,
    default: track.isEnabled,
    forced: false,
    hearing_impaired: false,
  };
}

function otherCodec(entry: string): { codec?: string } {
  const names: Readonly<Record<string, string>> = {
    mp4v: 'mpeg4',
    dvh1: 'hevc',
    dvhe: 'hevc',
    dva1: 'h264',
    dvav: 'h264',
    alac: 'alac',
    mlpa: 'truehd',
    'ac-4': 'ac4',
  };
  const codec = names[entry];
  return codec === undefined ? {} : { codec };
}

/** The four characters that name the codec of a track's first sample entry. */
function sampleEntry(window: ByteWindow, media: Box): string | undefined {
  const information = find(window, media, 'minf');
  const table = information && find(window, information, 'stbl');
  const descriptions = table && find(window, table, 'stsd');
  return descriptions === undefined || descriptions.end - descriptions.start < 16
    ? undefined
    : window.text(descriptions.start + 12, 4);
}

function language(window: ByteWindow, media: Box): string | null {
  const header = find(window, media, 'mdhd');
  if (header === undefined) return null;
  const isLong = window.uint(header.start, 1) === 1;
  const packed = window.uint(header.start + (isLong ? 32 : 20), 2);
  const letters = [10, 5, 0].map((shift) => String.fromCharCode(((packed >> shift) & 31) + 0x60));
  return languageOrNull(letters.join(''));
}

function find(window: ByteWindow, parent: Box, type: string): Box | undefined {
  for (const box of boxes(window, parent)) if (box.type === type) return box;
  return undefined;
}

function* boxes(window: ByteWindow, parent: Box): Iterable<Box> {
  let at = parent.start;
  for (let count = 0; at + 8 <= parent.end && count < MOST; count++) {
    const short = window.uint(at, 4);
    const type = window.text(at + 4, 4);
    const isLong = short === 1;
    const size = isLong ? window.uint(at + 8, 8) : short === 0 ? parent.end - at : short;
    if (size < 8) return;
    const end = Math.min(parent.end, at + size);
    yield { type, start: at + (isLong ? 16 : 8), end };
    at = end;
  }
}
