/** How much of a refusal is kept in an error. Bytes. */
const EXCERPT = 2_048;

/** undefined: there is more than `most` bytes; the rest is not read. */
export async function boundedBody(response: Response, most: number): Promise<Uint8Array | undefined> {
  if (Number(response.headers.get('content-length') ?? 0) > most) {
    await response.body?.cancel();
    return undefined;
  }
  const { bytes, whole } = await firstBytes(response, most);
  return whole ? bytes : undefined;
}

/** The first 2 kB of a body as text; what cannot be read any more is left out, as the status says enough. */
export async function excerpt(response: Response): Promise<string> {
  try {
    const { bytes } = await firstBytes(response, EXCERPT);
    return new TextDecoder().decode(bytes);
  } catch {
    return '';
  }
}

async function firstBytes(
  response: Response,
  most: number,
): Promise<{ readonly bytes: Uint8Array; readonly whole: boolean }> {
  const parts: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop cancels the stream, which frees the connection.
  for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    parts.push(part);
    size += part.byteLength;
    if (size > most) break;
  }
  return { bytes: Buffer.concat(parts).subarray(0, most), whole: size <= most };
}
