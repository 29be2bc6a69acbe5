import type { FileReader } from './file-reader.ts';
import { packets } from './ts-tables.ts';
import type { PacketSize } from './ts-tables.ts';

/** Ticks a second, and after which the clock starts again at 0. */
const TICKS = 90_000;
const WRAP = 2 ** 33;
/** The last picture starts within so many bytes of the end: first tried, last tried. */
const NEAR = 64 * 1024;
const FAR = 4 * 1024 * 1024;

/** Seconds from the first to the last time stamp; null where there are not two. */
export function readClock(reader: FileReader, packetSize: PacketSize, head: Uint8Array): number | null {
  const first = stamps(head, packetSize);
  if (first === undefined) return null;
  for (const end of ends(reader, packetSize)) {
    for (let span = NEAR; span <= FAR; span *= 4) {
      const last = stamps(reader.read(Math.max(0, end - span), end), packetSize);
      if (last !== undefined) return ((last.highest - first.lowest + WRAP) % WRAP) / TICKS;
      if (span >= end) break;
    }
  }
  return null;
}

/** Where the data may end: what is on disk of a sparse file, the file's end, and where a search finds the last packets. */
function* ends(reader: FileReader, packetSize: PacketSize): Iterable<number> {
  if (reader.allocated > 0 && reader.allocated < reader.size) yield reader.allocated;
  yield reader.size;
  let low = 0;
  let high = reader.size;
  while (high - low > NEAR) {
    const middle = Math.floor((low + high) / 2);
    const [some] = packets(reader.read(middle, middle + packetSize.size * 8), packetSize);
    if (some === undefined) high = middle;
    else low = middle;
  }
  yield high;
}

function stamps(
  bytes: Uint8Array,
  packetSize: PacketSize,
): { readonly lowest: number; readonly highest: number } | undefined {
  let lowest: number | undefined;
  let highest = 0;
  for (const { isStart, payload } of packets(bytes, packetSize)) {
    const stamp = isStart ? stampOf(payload) : undefined;
    if (stamp === undefined) continue;
    lowest = Math.min(lowest ?? stamp, stamp);
    highest = Math.max(highest, stamp);
  }
  return lowest === undefined ? undefined : { lowest, highest };
}

/** The presentation time of a picture or sound that starts here. */
function stampOf(payload: Uint8Array): number | undefined {
  const [a = 1, b = 1, c = 0, id = 0] = payload;
  const hasTime =
    payload.length >= 14 && a === 0 && b === 0 && c === 1 && id >= 0xbd && ((payload[7] ?? 0) & 0x80) !== 0;
  if (!hasTime) return undefined;
  const at = (index: number): number => payload[index] ?? 0;
  return ((at(9) >> 1) & 7) * 2 ** 30 + at(10) * 2 ** 22 + (at(11) >> 1) * 2 ** 15 + at(12) * 2 ** 7 + (at(13) >> 1);
}
