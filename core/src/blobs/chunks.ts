/** A row's worth: large enough to be few, small enough that a reader of many files stays small. Bytes. */
export const CHUNK = 256 * 1024;

/** The same bytes in pieces of CHUNK, the last one shorter; at most one piece is held. */
export async function* inChunks(data: Uint8Array | ReadableStream<Uint8Array>): AsyncGenerator<Buffer> {
  if (data instanceof Uint8Array) {
    for (let at = 0; at < data.length; at += CHUNK) yield asBuffer(data.subarray(at, at + CHUNK));
    return;
  }
  let held: Buffer[] = [];
  let size = 0;
  for await (const part of data) {
    let rest = asBuffer(part);
    while (size + rest.length >= CHUNK) {
      const head = rest.subarray(0, CHUNK - size);
      rest = rest.subarray(head.length);
      yield Buffer.concat([...held, head], CHUNK);
      held = [];
      size = 0;
    }
    if (rest.length) held.push(rest);
    size += rest.length;
  }
  if (size) yield Buffer.concat(held, size);
}

const asBuffer = (bytes: Uint8Array): Buffer => {
  if (!(bytes instanceof Uint8Array))
    throw new TypeError('a blob is made of bytes: give a Uint8Array or a stream of them');
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
};
