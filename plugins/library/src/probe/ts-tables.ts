import { languageOrNull } from './media.ts';

export interface ElementaryStream {
  readonly pid: number;
  readonly kind: 'video' | 'audio' | 'subtitle';
  readonly codec: string;
  readonly language: string | null;
  readonly isHearingImpaired: boolean;
}

export interface PacketSize {
  readonly size: number;
  readonly offset: number;
}

/** One packet's address and content. */
export interface Packet {
  readonly pid: number;
  /** Whether a table or a picture starts in it. */
  readonly isStart: boolean;
  readonly payload: Uint8Array;
}

type Kind = ElementaryStream['kind'];

const types: ReadonlyMap<number, readonly [Kind, string]> = new Map([
  [0x01, ['video', 'mpeg1']],
  [0x02, ['video', 'mpeg2']],
  [0x10, ['video', 'mpeg4']],
  [0x1b, ['video', 'h264']],
  [0x20, ['video', 'h264']],
  [0x24, ['video', 'hevc']],
  [0x33, ['video', 'vvc']],
  [0xea, ['video', 'vc1']],
  [0x03, ['audio', 'mp2']],
  [0x04, ['audio', 'mp2']],
  [0x0f, ['audio', 'aac']],
  [0x11, ['audio', 'aac']],
  [0x80, ['audio', 'pcm']],
  [0x81, ['audio', 'ac3']],
  [0x82, ['audio', 'dts']],
  [0x83, ['audio', 'truehd']],
  [0x84, ['audio', 'eac3']],
  [0x85, ['audio', 'dts-hd']],
  [0x86, ['audio', 'dts-hd']],
  [0x87, ['audio', 'eac3']],
  [0x90, ['subtitle', 'pgs']],
]);
/** Private streams say by a descriptor what they are. */
const descriptors: ReadonlyMap<number, readonly [Kind, string]> = new Map([
  [0x56, ['subtitle', 'teletext']],
  [0x59, ['subtitle', 'dvb']],
  [0x6a, ['audio', 'ac3']],
  [0x7a, ['audio', 'eac3']],
  [0x7b, ['audio', 'dts']],
  [0x7c, ['audio', 'aac']],
]);

/** The packets in some bytes, from the first place where three marks follow each other. */
export function* packets(bytes: Uint8Array, { size, offset }: PacketSize): Iterable<Packet> {
  for (let at = firstPacket(bytes, size) - offset; at + size <= bytes.length; at += size) {
    const start = at + offset;
    if (start < 0) continue;
    if (bytes[start] !== 0x47) return;
    const second = bytes[start + 1] ?? 0;
    const control = bytes[start + 3] ?? 0;
    const pid = ((second & 0x1f) << 8) | (bytes[start + 2] ?? 0);
    const skip = (control & 0x20) === 0 ? 0 : 1 + (bytes[start + 4] ?? 0);
    const payload = (control & 0x10) === 0 ? new Uint8Array() : bytes.subarray(start + 4 + skip, start + 188);
    yield { pid, isStart: (second & 0x40) !== 0, payload };
  }
}

function firstPacket(bytes: Uint8Array, size: number): number {
  for (let at = 0; at + 2 * size < bytes.length; at++) {
    if (bytes[at] === 0x47 && bytes[at + size] === 0x47 && bytes[at + 2 * size] === 0x47) return at;
  }
  return bytes.length;
}

/** The streams that the first programme of the bytes lists. */
export function readProgramme(bytes: Uint8Array, packetSize: PacketSize): ElementaryStream[] {
  let table: number | undefined;
  let section: number[] | undefined;
  for (const { pid, isStart, payload } of packets(bytes, packetSize)) {
    if (table === undefined && pid === 0 && isStart) table = programmePid(payload.subarray(1 + (payload[0] ?? 0)));
    if (pid !== table) continue;
    if (isStart) section = [...payload.subarray(1 + (payload[0] ?? 0))];
    else section?.push(...payload);
    const length = section === undefined ? Infinity : 3 + (word(section, 1) & 0xfff);
    if (section !== undefined && section.length >= length) return streamsOf(section.slice(0, length - 4));
  }
  return [];
}

function programmePid(section: Uint8Array): number | undefined {
  const end = Math.min(section.length, 3 + (word(section, 1) & 0xfff) - 4);
  for (let at = 8; at + 4 <= end; at += 4) if (word(section, at) !== 0) return word(section, at + 2) & 0x1fff;
  return undefined;
}

function streamsOf(section: readonly number[]): ElementaryStream[] {
  const streams: ElementaryStream[] = [];
  let at = 12 + (word(section, 10) & 0xfff);
  while (at + 5 <= section.length) {
    const end = at + 5 + (word(section, at + 3) & 0xfff);
    const stream = streamOf(section[at] ?? 0, word(section, at + 1) & 0x1fff, section.slice(at + 5, end));
    if (stream !== undefined) streams.push(stream);
    at = end;
  }
  return streams;
}

function streamOf(type: number, pid: number, information: readonly number[]): ElementaryStream | undefined {
  let known = types.get(type);
  let language: string | null = null;
  let isHearingImpaired = false;
  for (let at = 0; at + 2 <= information.length; at += 2 + (information[at + 1] ?? 0)) {
    const tag = information[at] ?? 0;
    known ??= descriptors.get(tag);
    if (tag !== 0x0a && tag !== 0x59 && tag !== 0x56) continue;
    language ??= languageOrNull(String.fromCharCode(...information.slice(at + 2, at + 5)));
    const kind = information[at + 5] ?? 0;
    isHearingImpaired ||= tag === 0x59 && kind >= 0x20 && kind <= 0x25;
  }
  return known === undefined ? undefined : { pid, kind: known[0], codec: known[1], language, isHearingImpaired };
}

function word(bytes: ArrayLike<number>, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
