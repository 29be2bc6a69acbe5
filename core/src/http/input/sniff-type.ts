import { open } from 'node:fs/promises';

/** The type of a file by its content. Text has no mark of its own: it is what decodes as UTF-8 and holds no NUL. */
export async function sniffType(path: string): Promise<string> {
  // loaded at the first upload: most servers never see one, and it is a large module
  const { fileTypeFromBuffer } = await import('file-type');
  const handle = await open(path, 'r');
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(16 * 1024), 0, 16 * 1024, 0);
    const head = buffer.subarray(0, bytesRead);
    const found = await fileTypeFromBuffer(head);
    if (found) return found.mime;
    return isText(head) ? 'text/plain' : 'application/octet-stream';
  } finally {
    await handle.close();
  }
}

function isText(head: Buffer): boolean {
  if (head.includes(0)) return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    return true;
  } catch {
    return false;
  }
}
