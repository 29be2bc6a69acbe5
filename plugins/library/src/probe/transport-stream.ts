import type { FileReader } from './file-reader.ts';
import type { Media } from './media.ts';

export function readTransportStream(reader: FileReader): Media {
  return { container: 'ts', duration_seconds: reader.size > 0 ? null : null, streams: [] };
}
