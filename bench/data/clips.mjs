// The sample clips as templates: each copy gets a length of its own, written into its header.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const sample = fileURLToPath(new URL('../../plugins/library/sample/', import.meta.url));

/** Five containers; the smallest clip of each. */
const sources = [
  {
    container: 'mp4',
    codec: 'h264',
    path: 'series/Signal and Noise (2018)/Season 02/Signal and Noise - 2x01 - Squelch.mp4',
  },
  { container: 'mkv', codec: 'h264', path: 'series/試験電波/Season 1/試験電波 - S01E01.mkv' },
  { container: 'webm', codec: 'vp9', path: 'series/試験電波/Season 1/試験電波 - S01E02.webm' },
  { container: 'ts', codec: 'mpeg2', path: 'movies/Колесо времени (2007)/Колесо времени (2007).ts' },
  { container: 'avi', codec: 'mpeg4', path: 'movies/Grey Ramp (1987)/Grey Ramp (1987) DVDRip XviD.avi' },
];

/** Seconds of the transport stream: its time stamps are in the data and stay as they are. */
const TS_SECONDS = 2.97;

/**
 * @typedef {{ container: string, codec: string, make: (seconds: number, number: number) => { bytes: Buffer, seconds: number } }} Clip
 * @returns {Clip[]}
 */
export function loadClips() {
  return sources.map(({ container, codec, path }) => {
    const bytes = readFileSync(sample + path);
    return { container, codec, make: maker(container, bytes) };
  });
}

/** @param {string} container @param {Buffer} template */
function maker(container, template) {
  if (container === 'mp4') return (seconds, number) => stretchMp4(Buffer.from(template), seconds, number);
  if (container === 'avi') return (seconds, number) => stretchAvi(Buffer.from(template), seconds, number);
  if (container === 'ts') return (_, number) => numberTs(template, number);
  return (seconds, number) => stretchMatroska(Buffer.from(template), seconds, number);
}

/** Every time in mvhd, tkhd and mdhd is multiplied; the number goes into the movie's creation time. */
function stretchMp4(bytes, seconds, number) {
  const movie = bytes.indexOf('mvhd') + 4;
  const scale = bytes.readUInt32BE(movie + 12);
  const factor = seconds / (bytes.readUInt32BE(movie + 16) / scale);
  bytes.writeUInt32BE(number, movie + 4);
  for (const [box, offset] of [
    ['mvhd', 16],
    ['tkhd', 20],
    ['mdhd', 16],
  ]) {
    for (let at = bytes.indexOf(box); at >= 0; at = bytes.indexOf(box, at + 4)) {
      bytes.writeUInt32BE(Math.round(bytes.readUInt32BE(at + 4 + offset) * factor), at + 4 + offset);
    }
  }
  return { bytes, seconds };
}

/** Duration (4489, 8 bytes) counts milliseconds; the number goes into the writing application's name. */
function stretchMatroska(bytes, seconds, number) {
  const at = bytes.indexOf(Buffer.from([0x44, 0x89, 0x88]));
  bytes.writeDoubleBE(seconds * 1000, at + 3);
  const application = bytes.indexOf(Buffer.from([0x57, 0x41]));
  bytes.write(String(number % 10_000).padStart(4, '0'), application + 3, 'latin1');
  return { bytes, seconds };
}

/** The streams' lengths in units of their own rates; the number goes into avih's reserved fields. */
function stretchAvi(bytes, seconds, number) {
  bytes.writeUInt32LE(number, bytes.indexOf('avih') + 8 + 40);
  for (let at = bytes.indexOf('strh'); at >= 0; at = bytes.indexOf('strh', at + 4)) {
    const [scale, rate] = [bytes.readUInt32LE(at + 28), bytes.readUInt32LE(at + 32)];
    bytes.writeUInt32LE(Math.round((seconds * rate) / scale), at + 40);
  }
  return { bytes, seconds };
}

/** A null packet with the number in it. */
function numberTs(template, number) {
  const packet = Buffer.alloc(188, 0xff);
  packet.set([0x47, 0x1f, 0xff, 0x10]);
  packet.writeUInt32BE(number, 4);
  return { bytes: Buffer.concat([template, packet]), seconds: TS_SECONDS };
}
