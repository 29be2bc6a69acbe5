export type FileKind = 'video' | 'subtitle' | 'audio' | 'image' | 'nfo' | 'other';

const extensions: Readonly<Record<Exclude<FileKind, 'other'>, string>> = {
  video:
    '3g2 3gp asf avi divx dvr-ms evo f4v flv hevc h264 h265 iso m1v m2ts m2v m4v mk3d mkv mov mp4 mpe mpeg mpg mts mxf nsv nuv ogm ogv qt rec rm rmvb strm tp trp ts vob vro webm wmv wtv xvid y4m img',
  subtitle: 'srt ass ssa vtt webvtt sub idx sup smi sami ttml dfxp mks usf pgs',
  audio: 'mka ac3 eac3 ec3 dts dtshd thd truehd aac m4a mp3 flac opus ogg oga wav wma',
  image: 'jpg jpeg png webp gif tbn avif bmp',
  nfo: 'nfo',
};

/** The kinds in the order in which the walk's thread numbers them. */
export const fileKinds: readonly FileKind[] = ['video', 'subtitle', 'audio', 'image', 'nfo', 'other'];

const kindOfExtension: ReadonlyMap<string, FileKind> = new Map(
  fileKinds.flatMap((kind) =>
    kind === 'other' ? [] : extensions[kind].split(' ').map((extension): [string, FileKind] => [extension, kind]),
  ),
);

/** What a file is, by the extension of its name alone. */
export function fileKind(name: string): FileKind {
  const dot = name.lastIndexOf('.');
  if (dot < 1 || name.length - dot > 8) return 'other';
  return kindOfExtension.get(name.slice(dot + 1).toLowerCase()) ?? 'other';
}
