import { readAvi } from './avi.ts';
import { FileReader } from './file-reader.ts';
import { failed } from './probe-result.ts';
import type { ProbeFailureCode, ProbeResult } from './probe-result.ts';
import { readTransportStream } from './transport-stream.ts';
import { readWithMediabunny } from './with-mediabunny.ts';
import { formatOf } from './format.ts';
import type { Media } from './media.ts';

/** Reads one file in this thread; never rejects. */
export async function probeFile(path: string): Promise<ProbeResult> {
  let reader: FileReader;
  try {
    reader = new FileReader(path);
  } catch (error) {
    return failed(path, 'unreadable', systemMessage(error));
  }
  try {
    if (!reader.isRegular) return failed(path, 'unreadable', 'it is not a regular file');
    if (reader.size === 0) return failed(path, 'empty');
    const media = await readMedia(path, reader);
    if (typeof media === 'string') return failed(path, media);
    return withBitrate(path, media, reader);
  } catch (error) {
    return failed(path, isSystemError(error) ? 'unreadable' : 'corrupt', systemMessage(error));
  } finally {
    reader.close();
  }
}

function readMedia(path: string, reader: FileReader): Promise<Media> | Media | ProbeFailureCode {
  const format = formatOf(path, reader.read(0, 1024));
  if (format === 'foreign') return 'unsupported';
  if (format === 'none') return 'corrupt';
  if (format === 'avi') return readAvi(reader);
  if (format === 'ts') return readTransportStream(reader);
  return readWithMediabunny(reader, format);
}

function withBitrate(path: string, media: Media, reader: FileReader): ProbeResult {
  if (!media.streams.some((stream) => stream.type !== 'subtitle'))
    return failed(path, 'corrupt', 'it has no picture and no sound');
  const seconds = media.duration_seconds !== null && media.duration_seconds > 0 ? media.duration_seconds : null;
  const bytes = reader.allocated === 0 ? reader.size : reader.allocated;
  return {
    path,
    ok: true,
    container: media.container,
    duration_seconds: seconds === null ? null : Math.round(seconds * 1000) / 1000,
    bitrate_kbps: seconds === null ? null : Math.round((bytes * 8) / seconds / 1000),
    streams: media.streams,
  };
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

function systemMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
