import type { FileReader } from './file-reader.ts';
import type { Media } from './media.ts';

export function readAvi(reader: FileReader): Media {
  return { container: 'avi', duration_seconds: reader.size > 0 ? null : null, streams: [] };
}
