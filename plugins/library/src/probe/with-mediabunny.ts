import {
  ADTS,
  CustomSource,
  FLAC,
  Input,
  Logging,
  LogLevel,
  MATROSKA,
  MP3,
  MP4,
  MPEG_TS,
  OGG,
  QTFF,
  WAVE,
  WEBM,
} from 'mediabunny';
import type { InputAudioTrack, InputFormat, InputTrack, InputVideoTrack } from 'mediabunny';
import { BudgetSpent } from './file-reader.ts';
import type { FileReader } from './file-reader.ts';
import type { Format } from './format.ts';
import { readIsoExtras } from './iso-boxes.ts';
import { readMatroskaExtras } from './matroska.ts';
import { languageOrNull } from './media.ts';
import type { Media } from './media.ts';
import type { AudioStream, Stream, SubtitleStream, VideoStream } from './probe-result.ts';

/** What mediabunny does not tell of a container: subtitles, and by track number what else its header says. */
export interface Extras {
  /** What the header says of the whole, where that is better than what mediabunny makes of the tracks. */
  readonly seconds?: number;
  readonly subtitles: readonly SubtitleStream[];
  readonly tracks: ReadonlyMap<
    number,
    { readonly frameRate?: number; readonly dolbyVision?: boolean; readonly codec?: string }
  >;
}

type Readable = Exclude<Format, 'avi' | 'foreign' | 'none'>;

const formats: Readonly<Record<Readable, readonly InputFormat[]>> = {
  iso: [MP4, QTFF],
  ebml: [MATROSKA, WEBM],
  ts: [MPEG_TS],
  ogg: [OGG],
  audio: [MP3, FLAC, WAVE, ADTS],
};
const containers: ReadonlyMap<string, string> = new Map([
  ['MP4', 'mp4'],
  ['QuickTime File Format', 'mov'],
  ['Matroska', 'mkv'],
  ['WebM', 'webm'],
  ['Ogg', 'ogg'],
  ['MP3', 'mp3'],
  ['FLAC', 'flac'],
  ['WAVE', 'wav'],
  ['ADTS', 'aac'],
]);

/** Packets looked at for a frame rate that the header does not say. */
const PACKETS = 48;

/** The streams with the number each has in its container. */
export interface MediaWithTracks extends Media {
  readonly tracks: readonly { readonly id: number; readonly stream: Stream }[];
}

/** Reads what mediabunny reads. */
export async function readWithMediabunny(reader: FileReader, format: Readable): Promise<MediaWithTracks> {
  // mediabunny notes unknown streams on the console; here they are part of the answer.
  Logging.level = LogLevel.Silent;
  const input = new Input({ source: sourceOf(reader), formats: [...formats[format]] });
  try {
    const container = (await input.getFormat()).name;
    const extras = extrasOf(reader, format);
    const tracks: { readonly id: number; readonly stream: Stream }[] = [];
    for (const track of await input.getTracks()) {
      if (track.isVideoTrack()) tracks.push({ id: track.id, stream: await videoStream(track, extras) });
      else if (track.isAudioTrack()) tracks.push({ id: track.id, stream: await audioStream(track, extras) });
    }
    const streams = [...tracks.map(({ stream }) => stream), ...extras.subtitles];
    const duration_seconds = format === 'ts' ? null : (extras.seconds ?? (await duration(input)));
    return { container: containers.get(container) ?? container.toLowerCase(), duration_seconds, streams, tracks };
  } finally {
    input.dispose();
  }
}

function sourceOf(reader: FileReader): CustomSource {
  return new CustomSource({
    getSize: () => reader.size,
    read: (start, end) => reader.read(start, end),
    prefetchProfile: 'fileSystem',
    maxCacheSize: 4 * 1024 * 1024,
    // Prefetching failed; whoever needs these bytes reads them again and gets the error then.
    handleUnhandledError: () => undefined,
  });
}

function extrasOf(reader: FileReader, format: Format): Extras {
  if (format === 'ebml') return readMatroskaExtras(reader);
  if (format === 'iso') return readIsoExtras(reader);
  return { subtitles: [], tracks: new Map() };
}

/** What the header says; only without it the end of the file is looked for, within the budget. */
async function duration(input: Input): Promise<number | null> {
  const said = await input.getDurationFromMetadata();
  if (said !== null && said > 0) return said;
  try {
    return await input.computeDuration();
  } catch (error) {
    if (error instanceof BudgetSpent) return null;
    throw error;
  }
}

async function videoStream(track: InputVideoTrack, extras: Extras): Promise<VideoStream> {
  const extra = extras.tracks.get(track.id);
  const common = await commonOf(track);
  return {
    type: 'video',
    codec: extra?.codec ?? codecName((await track.getCodec()) ?? (await internalName(track))),
    width: await track.getDisplayWidth(),
    height: await track.getDisplayHeight(),
    frame_rate: extra?.frameRate ?? (await frameRate(track)),
    hdr: extra?.dolbyVision === true ? 'dv' : await hdrOf(track),
    rotation: await track.getRotation(),
    ...common,
  };
}

async function audioStream(track: InputAudioTrack, extras: Extras): Promise<AudioStream> {
  return {
    type: 'audio',
    codec: extras.tracks.get(track.id)?.codec ?? codecName((await track.getCodec()) ?? (await internalName(track))),
    channels: await track.getNumberOfChannels(),
    sample_rate: await track.getSampleRate(),
    ...(await commonOf(track)),
  };
}

async function commonOf(
  track: InputTrack,
): Promise<{ language: string | null; title: string | null; default: boolean }> {
  const disposition = await track.getDisposition();
  return {
    language: languageOrNull(await track.getLanguageCode()),
    title: await track.getName(),
    default: disposition.default,
  };
}

async function hdrOf(track: InputVideoTrack): Promise<VideoStream['hdr']> {
  const { transfer } = await track.getColorSpace();
  if (transfer === 'hlg') return 'hlg';
  return transfer === 'pq' ? 'hdr10' : null;
}

async function frameRate(track: InputVideoTrack): Promise<number | null> {
  try {
    const { averagePacketRate } = await track.computePacketStats(PACKETS);
    return averagePacketRate > 0 && Number.isFinite(averagePacketRate)
      ? Math.round(averagePacketRate * 1000) / 1000
      : null;
  } catch {
    return null; // the header was good; a damaged first second costs only this figure
  }
}

async function internalName(track: InputTrack): Promise<string> {
  const name = await track.getInternalCodecId();
  return typeof name === 'string' ? name : 'unknown';
}

function codecName(name: string): string {
  const names: Readonly<Record<string, string>> = { avc: 'h264', mp4v: 'mpeg4', jpeg: 'mjpeg' };
  return names[name] ?? name.toLowerCase();
}
