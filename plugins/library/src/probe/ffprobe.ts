import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { failed } from './probe-result.ts';
import type { ProbeResult, Stream } from './probe-result.ts';

interface RunOptions {
  readonly signal: AbortSignal;
  readonly timeout: number;
}

interface Tags {
  readonly language?: string;
  readonly title?: string;
}

interface ReportedStream {
  readonly codec_type?: string;
  readonly codec_name?: string;
  readonly width?: number;
  readonly height?: number;
  readonly avg_frame_rate?: string;
  readonly color_transfer?: string;
  readonly channels?: number;
  readonly sample_rate?: string;
  readonly disposition?: Readonly<Record<string, number>>;
  readonly tags?: Tags;
}

interface Report {
  readonly streams?: readonly ReportedStream[];
  readonly format?: { readonly format_name?: string; readonly duration?: string; readonly bit_rate?: string };
}

/** The first ffprobe in a PATH, if any. */
export function findFfprobe(path: string): string | undefined {
  for (const folder of path.split(delimiter)) {
    if (folder === '') continue;
    const file = join(folder, process.platform === 'win32' ? 'ffprobe.exe' : 'ffprobe');
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      continue; // not in this folder
    }
  }
  return undefined;
}

/** Asks ffprobe, which may read no network and no other file than this one. */
export async function readWithFfprobe(program: string, path: string, options: RunOptions): Promise<ProbeResult> {
  const args = [
    '-v',
    'error',
    '-protocol_whitelist',
    'file',
    '-of',
    'json',
    '-show_format',
    '-show_streams',
    `file:${path}`,
  ];
  const { signal, timeout } = options;
  const run = await new Promise<{ readonly error: Error | null; readonly text: string }>((resolve) => {
    execFile(program, args, { signal, timeout, killSignal: 'SIGKILL', maxBuffer: 4 * 1024 * 1024 }, (error, text) =>
      resolve({ error, text }),
    );
  });
  signal.throwIfAborted();
  if (run.error === null) return understood(path, run.text);
  if ('killed' in run.error && run.error.killed === true) return failed(path, 'timeout');
  return failed(path, 'corrupt');
}

function understood(path: string, text: string): ProbeResult {
  const report = JSON.parse(text) as Report; // ffprobe's own format; every field is looked at before use
  const streams = (report.streams ?? []).flatMap((stream) => asStream(stream) ?? []);
  if (!streams.some((stream) => stream.type !== 'subtitle')) return failed(path, 'corrupt');
  const bitrate = number(report.format?.bit_rate);
  return {
    path,
    ok: true,
    container: containerName(report.format?.format_name ?? ''),
    duration_seconds: number(report.format?.duration),
    bitrate_kbps: bitrate === null ? null : Math.round(bitrate / 1000),
    streams,
  };
}

function asStream(stream: ReportedStream): Stream | undefined {
  const { disposition = {}, tags = {} } = stream;
  const common = {
    codec: codecName(stream.codec_name ?? 'unknown'),
    language: tags.language === undefined || tags.language === 'und' ? null : tags.language,
    title: tags.title ?? null,
    default: disposition.default === 1,
  };
  if (stream.codec_type === 'audio') {
    return { type: 'audio', ...common, channels: stream.channels ?? null, sample_rate: number(stream.sample_rate) };
  }
  if (stream.codec_type === 'subtitle') {
    const { forced, hearing_impaired } = disposition;
    return { type: 'subtitle', ...common, forced: forced === 1, hearing_impaired: hearing_impaired === 1 };
  }
  if (stream.codec_type !== 'video' || disposition.attached_pic === 1) return undefined;
  const { width = null, height = null } = stream;
  return {
    type: 'video',
    ...common,
    width,
    height,
    frame_rate: ratio(stream.avg_frame_rate),
    hdr: hdr(stream),
    rotation: 0,
  };
}

function hdr(stream: ReportedStream): 'hdr10' | 'hlg' | null {
  if (stream.color_transfer === 'smpte2084') return 'hdr10';
  return stream.color_transfer === 'arib-std-b67' ? 'hlg' : null;
}

function containerName(formats: string): string {
  const first = formats.split(',')[0] ?? '';
  return { matroska: 'mkv', asf: 'wmv', mpegts: 'ts', mpeg: 'mpg' }[first] ?? first;
}

function codecName(name: string): string {
  const names: Readonly<Record<string, string>> = {
    mpeg2video: 'mpeg2',
    mpeg1video: 'mpeg1',
    subrip: 'srt',
    hdmv_pgs_subtitle: 'pgs',
    dvd_subtitle: 'vobsub',
    dvb_subtitle: 'dvb',
    mov_text: 'tx3g',
  };
  return names[name] ?? name;
}

function number(text: string | undefined): number | null {
  const value = Number(text);
  return text === undefined || !Number.isFinite(value) ? null : value;
}

function ratio(text: string | undefined): number | null {
  const [over, under] = (text ?? '').split('/').map(Number);
  if (over === undefined || under === undefined || !(over > 0) || !(under > 0)) return null;
  return Math.round((over / under) * 1000) / 1000;
}
