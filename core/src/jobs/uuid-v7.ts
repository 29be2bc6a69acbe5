import { randomBytes } from 'node:crypto';

/** Ids in the order they were made, also within one millisecond of one node: what is enqueued first runs first. */
export function uuidV7(now: () => number = Date.now): () => string {
  let last = 0;
  let sequence = 0;
  return () => {
    const time = now();
    if (time > last) {
      last = time;
      // Room to count up in: the top bit of the twelve stays free.
      sequence = randomBytes(2).readUInt16BE() & 0x7ff;
    } else if (++sequence > 0xfff) {
      last += 1;
      sequence = 0;
    }
    const id = randomBytes(16);
    id.writeUIntBE(last, 0, 6);
    id.writeUInt16BE(0x7000 | sequence, 6);
    id.writeUInt8(0x80 | (id.readUInt8(8) & 0x3f), 8);
    const hex = id.toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** What PostgreSQL takes as a uuid without an error. */
export const isUuid = (text: string): boolean => UUID.test(text);
