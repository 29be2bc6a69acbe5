import type { FileReader } from './file-reader.ts';
import { packetSize } from './format.ts';
import type { Media } from './media.ts';
import { readMpeg2Picture } from './mpeg2-picture.ts';
import type { Stream } from './probe-result.ts';
import { readClock } from './ts-clock.ts';
import { readProgramme } from './ts-tables.ts';
import type { ElementaryStream, PacketSize } from './ts-tables.ts';
import { readWithMediabunny } from './with-mediabunny.ts';

/** Bytes in which the programme and the first pictures are looked for: first tried, last tried. */
const NEAR = 128 * 1024;
const FAR = 2 * 1024 * 1024;

const none = {
  width: null,
  height: null,
  frame_rate: null,
  hdr: null,
  rotation: 0,
  channels: null,
  sample_rate: null,
} as const;

/**
 * mediabunny says what the streams are that it knows; the programme's own table lists the rest (MPEG-2 pictures, subtitles, languages), and the
 * time stamps at both ends give the length without reading what lies between.
 */
export async function readTransportStream(reader: FileReader): Promise<Media> {
  const size = packetSize(reader.read(0, 1024)) ?? { size: 188, offset: 0 };
  let head = reader.read(0, NEAR);
  let listed = readProgramme(head, size);
  if (listed.length === 0 && reader.size > NEAR) {
    head = reader.read(0, FAR);
    listed = readProgramme(head, size);
  }
  const known = new Map((await knownStreams(reader, listed)).map(({ id, stream }) => [id, stream]));
  const streams = listed.map((stream) => {
    const told = known.get(stream.pid);
    return told?.type === stream.kind ? { ...told, language: stream.language } : ownStream(stream, head, size);
  });
  const seconds = readClock(reader, size, head);
  const rate = streams.find((stream) => stream.type === 'video')?.frame_rate ?? null;
  // The last picture lasts one frame.
  return {
    container: 'ts',
    duration_seconds: seconds === null ? null : seconds + (rate === null ? 0 : 1 / rate),
    streams,
  };
}

async function knownStreams(
  reader: FileReader,
  listed: readonly ElementaryStream[],
): Promise<readonly { id: number; stream: Stream }[]> {
  const isKnown = listed.some(
    ({ codec }) => codec === 'h264' || codec === 'hevc' || codec === 'aac' || codec.endsWith('ac3'),
  );
  if (!isKnown) return [];
  try {
    return await readWithMediabunny(reader, 'ts').then((media) => media.tracks);
  } catch {
    return []; // the programme's table still lists them; only their sizes are not known then
  }
}

function ownStream(stream: ElementaryStream, head: Uint8Array, size: PacketSize): Stream {
  const { codec, kind, language, pid } = stream;
  const common = { codec, language, title: null, default: true };
  if (kind === 'subtitle') {
    return { type: kind, ...common, default: false, forced: false, hearing_impaired: stream.isHearingImpaired };
  }
  const { width, height, channels, sample_rate } = none;
  if (kind === 'audio') return { type: kind, ...common, channels, sample_rate };
  const picture = codec === 'mpeg2' || codec === 'mpeg1' ? readMpeg2Picture(head, size, pid) : undefined;
  const { hdr, rotation } = none;
  const frame_rate = picture?.frameRate ?? null;
  return {
    type: kind,
    ...common,
    width: picture?.width ?? width,
    height: picture?.height ?? height,
    frame_rate,
    hdr,
    rotation,
  };
}
