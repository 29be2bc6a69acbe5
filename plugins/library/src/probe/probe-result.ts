export interface VideoStream {
  readonly type: 'video';
  /** h264, hevc, av1, vp9, vp8, mpeg2, mpeg4, vc1, …; the container's own name where there is no common one. */
  readonly codec: string;
  readonly width: number | null;
  readonly height: number | null;
  readonly frame_rate: number | null;
  readonly hdr: 'hdr10' | 'hdr10+' | 'dv' | 'hlg' | null;
  /** Degrees clockwise. */
  readonly rotation: 0 | 90 | 180 | 270;
  readonly language: string | null;
  readonly title: string | null;
  readonly default: boolean;
}

export interface AudioStream {
  readonly type: 'audio';
  readonly codec: string;
  readonly channels: number | null;
  /** Hertz. */
  readonly sample_rate: number | null;
  /** ISO 639-2, null when the file does not say. */
  readonly language: string | null;
  readonly title: string | null;
  readonly default: boolean;
}

export interface SubtitleStream {
  readonly type: 'subtitle';
  /** srt, ass, ssa, webvtt, pgs, vobsub, dvb, tx3g, ttml, …. */
  readonly codec: string;
  readonly language: string | null;
  readonly title: string | null;
  readonly default: boolean;
  readonly forced: boolean;
  readonly hearing_impaired: boolean;
}

export type Stream = VideoStream | AudioStream | SubtitleStream;

export interface ProbedFile {
  readonly path: string;
  readonly ok: true;
  /** mp4, mov, mkv, webm, ts, avi, ogg, …. */
  readonly container: string;
  readonly duration_seconds: number | null;
  readonly bitrate_kbps: number | null;
  readonly streams: readonly Stream[];
}

export type ProbeFailureCode = 'empty' | 'corrupt' | 'unsupported' | 'unreadable' | 'timeout';

export interface FailedFile {
  readonly path: string;
  readonly ok: false;
  readonly code: ProbeFailureCode;
  readonly message: string;
}

/** What a file holds, or why that cannot be said. */
export type ProbeResult = ProbedFile | FailedFile;

const sentences: Readonly<Record<ProbeFailureCode, string>> = {
  empty: 'The file is empty (0 bytes); copy it again',
  corrupt: 'The file cannot be read as the media it claims to be; it is damaged or not complete, copy it again',
  unsupported: 'The format of the file is not known here; install ffprobe (part of ffmpeg) to read more formats',
  unreadable: 'The server may not read the file; give its user read permission',
  timeout: 'Reading the file took too long; check the disk or the network mount it lies on',
};

/** A failure with the sentence for its code, and a detail where there is one. */
export function failed(path: string, code: ProbeFailureCode, detail?: string): FailedFile {
  return { path, ok: false, code, message: detail === undefined ? sentences[code] : `${sentences[code]} (${detail})` };
}
