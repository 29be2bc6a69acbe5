import { packets } from './ts-tables.ts';
import type { PacketSize } from './ts-tables.ts';

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly frameRate: number | null;
}

const rates: readonly number[] = [0, 23.976, 24, 25, 29.97, 30, 50, 59.94, 60];

/** Size and frame rate from the first MPEG-1/2 sequence header of a stream, where it is whole in one packet. */
export function readMpeg2Picture(bytes: Uint8Array, packetSize: PacketSize, pid: number): Picture | undefined {
  for (const packet of packets(bytes, packetSize)) {
    if (packet.pid !== pid) continue;
    const { payload } = packet;
    for (let at = 0; at + 8 <= payload.length; at++) {
      if (payload[at] !== 0 || payload[at + 1] !== 0 || payload[at + 2] !== 1 || payload[at + 3] !== 0xb3) continue;
      const [a = 0, b = 0, c = 0, d = 0] = payload.subarray(at + 4, at + 8);
      const rate = rates[d & 15] ?? 0;
      return { width: (a << 4) | (b >> 4), height: ((b & 15) << 8) | c, frameRate: rate > 0 ? rate : null };
    }
  }
  return undefined;
}
