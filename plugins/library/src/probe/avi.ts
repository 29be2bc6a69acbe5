import { ByteWindow } from './byte-window.ts';
import type { FileReader } from './file-reader.ts';
import type { Media } from './media.ts';
import type { AudioStream, Stream, VideoStream } from './probe-result.ts';

/** The headers lie at the front; more chunks than this in one list is damage. */
const MOST = 256;

const videoCodecs: Readonly<Record<string, string>> = {
  xvid: 'mpeg4',
  divx: 'mpeg4',
  dx50: 'mpeg4',
  fmp4: 'mpeg4',
  mp4v: 'mpeg4',
  div3: 'msmpeg4v3',
  mp43: 'msmpeg4v3',
  h264: 'h264',
  x264: 'h264',
  avc1: 'h264',
  hevc: 'hevc',
  mjpg: 'mjpeg',
  mpg2: 'mpeg2',
  wvc1: 'vc1',
  wmv3: 'wmv3',
};
const audioCodecs: ReadonlyMap<number, string> = new Map([
  [0x01, 'pcm'],
  [0x50, 'mp2'],
  [0x55, 'mp3'],
  [0xff, 'aac'],
  [0x161, 'wma'],
  [0x2000, 'ac3'],
  [0x2001, 'dts'],
  [0x566f, 'vorbis'],
  [0xf1ac, 'flac'],
]);

interface Chunk {
  readonly id: string;
  readonly start: number;
  readonly end: number;
}

interface FoundStream {
  readonly stream: Stream;
  readonly seconds: number;
}

/** Reads the headers of an AVI file. */
export function readAvi(reader: FileReader): Media {
  const window = new ByteWindow(reader);
  const found: FoundStream[] = [];
  for (const list of chunks(window, { id: 'RIFF', start: 12, end: reader.size })) {
    if (list.id !== 'LIST' || window.text(list.start, 4) !== 'hdrl') continue;
    for (const part of chunks(window, { ...list, start: list.start + 4 })) {
      if (part.id !== 'LIST' || window.text(part.start, 4) !== 'strl') continue;
      const stream = readStream(window, { ...part, start: part.start + 4 });
      if (stream !== undefined) found.push(stream);
    }
    break;
  }
  const seconds = Math.max(0, ...found.map((stream) => stream.seconds));
  return {
    container: 'avi',
    duration_seconds: seconds > 0 ? seconds : null,
    streams: found.map(({ stream }) => stream),
  };
}

function readStream(window: ByteWindow, list: Chunk): FoundStream | undefined {
  const parts = new Map<string, Chunk>();
  for (const part of chunks(window, list)) parts.set(part.id, part);
  const header = parts.get('strh');
  const format = parts.get('strf');
  if (header === undefined || format === undefined) return undefined;
  const name = parts.get('strn');
  const title = name === undefined ? null : window.text(name.start, Math.min(200, name.end - name.start));
  const scale = little(window, header.start + 20, 4);
  const rate = little(window, header.start + 24, 4);
  const seconds = rate > 0 ? (little(window, header.start + 32, 4) * scale) / rate : 0;
  const type = window.text(header.start, 4);
  if (type === 'auds') return { stream: { ...audio(window, format), title }, seconds };
  if (type !== 'vids') return undefined;
  const frameRate = scale > 0 ? Math.round((rate / scale) * 1000) / 1000 : null;
  return {
    stream: { ...video(window, format, window.text(header.start + 4, 4)), frame_rate: frameRate, title },
    seconds,
  };
}

function video(window: ByteWindow, format: Chunk, handler: string): VideoStream {
  const compression = window.text(format.start + 16, 4).toLowerCase();
  const codec = videoCodecs[compression] ?? videoCodecs[handler.toLowerCase()] ?? compression;
  return {
    type: 'video',
    codec,
    width: little(window, format.start + 4, 4),
    height: Math.abs(little(window, format.start + 8, 4) | 0),
    frame_rate: null,
    hdr: null,
    rotation: 0,
    language: null,
    title: null,
    default: true,
  };
}

function audio(window: ByteWindow, format: Chunk): AudioStream {
  const tag = little(window, format.start, 2);
  return {
    type: 'audio',
    codec: audioCodecs.get(tag) ?? `0x${tag.toString(16)}`,
    channels: little(window, format.start + 2, 2),
    sample_rate: little(window, format.start + 4, 4),
    language: null,
    title: null,
    default: true,
  };
}

function* chunks(window: ByteWindow, parent: Chunk): Iterable<Chunk> {
  let at = parent.start;
  for (let count = 0; at + 8 <= parent.end && count < MOST; count++) {
    const size = little(window, at + 4, 4);
    const end = Math.min(parent.end, at + 8 + size);
    yield { id: window.text(at, 4), start: at + 8, end };
    at = end + (size & 1);
  }
}

function little(window: ByteWindow, at: number, length: number): number {
  let value = 0;
  for (const byte of window.bytes(at, length).toReversed()) value = value * 256 + byte;
  return value;
}
