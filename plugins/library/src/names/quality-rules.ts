import type { MarkerKind } from './markers.ts';

export interface MarkerRule {
  readonly kind: MarkerKind;
  /** Source of a pattern that stands as a word. */
  readonly pattern: string;
  readonly value: string | ((match: RegExpMatchArray) => string | undefined);
  readonly isStrong: boolean;
  /** Whether capitals matter. */
  readonly isCased?: boolean;
}

const strong = (kind: MarkerKind, value: MarkerRule['value'], pattern: string): MarkerRule => ({
  kind,
  value,
  pattern,
  isStrong: true,
});
const weak = (kind: MarkerKind, value: MarkerRule['value'], pattern: string): MarkerRule => ({
  kind,
  value,
  pattern,
  isStrong: false,
});
const cased = (rule: MarkerRule): MarkerRule => ({ ...rule, isCased: true });

const heights: ReadonlyMap<string, string> = new Map(
  ['480', '576', '720', '1080', '2160', '4320'].map((height) => [height, `${height}p`]),
);
const sound = (pattern: string): string =>
  `(?:${pattern})(?:[ ._-]{0,2}(?:[1-9][ ._][0-4](?:[ ._][1-9])?|[2678]ch))?(?:x[2-9])?(?:[ ._-]{0,2}atmos)?`;

const resolutions: readonly MarkerRule[] = [
  strong(
    'resolution',
    (match) => heights.get(match[1] ?? '') ?? 'none',
    '(?:HD|UHD|FHD)?(360|432|480|540|576|720|1080|1440|2160|4320)[pi](?:HD|\\d{2,3}(?:fps)?)?',
  ),
  strong('resolution', (match) => heights.get(match[1] ?? '') ?? 'none', '\\d{3,4}[x*](480|576|720|1080|2160|4320)'),
  // "720.x264": the letter is left out.
  strong(
    'resolution',
    (match) => heights.get(match[1] ?? '') ?? 'none',
    '(480|576|720|1080|2160)(?=[ ._-](?:[xh][ .]?26[45]|HEVC|Hi10|HDTV|WEB|Blu-?Ray))',
  ),
  weak(
    'resolution',
    '2160p',
    '4k(?:[ ._-]?UHD(?![ ._-]{0,2}(?:Blu|BD|Rip|Remux)))?|UHD(?![ ._-]{0,3}Blu)|UltraHD|Ultra[ ._-]HD',
  ),
  weak('resolution', '4320p', '8k(?:[ ._-]?UHD)?'),
  weak('resolution', '1080p', 'FHD|FullHD|Full[ ._-]HD'),
];

const sources: readonly MarkerRule[] = [
  strong('source', 'remux', '(?:UHD[ ._-]{0,2})?(?:Blu-?Ray|BD|DVD|WEB|HDTV|UHD)?[ ._-]{0,3}Remux'),
  strong(
    'source',
    'bluray',
    '(?:UHD[ ._-]{0,2})?(?:m[ ._-]?)?Blu[ ._-]?Ray(?:[ ._-]?Rip)?|(?:UHD)?BD[ ._-]?(?:Rip)?Mux|(?:UHD)?BD[ ._-]?Rip|UHD[ ._-]?Rip|BR[ ._-]?Rip(?:Mux)?|BRMux|BD(?:25|50|66|100|MV|ISO)|UHDBD|HDBD|COMPLETE[ ._]BLURAY',
  ),
  cased(weak('source', 'bluray', 'BD|UHD[ ._-]BD')),
  strong(
    'source',
    'web-dl',
    'WEB[ ._-]{0,2}DL(?:[ ._-]?Rip|Mux)?|(?:WEB|DL)[ ._-]?Mux|WEB-?HD|(?:Amazon|iTunes|Netflix|NF|AMZN|DSNP|iP)U?HD|WEBDL(?:480|720|1080|2160)p?|Web[ ._-](?=(?:[hx][ ._]?26[45]|1080|720|2160))',
  ),
  strong('source', 'webrip', 'WEB[ ._-]{0,2}Rip|WEB-?Cap|VOD-?Rip'),
  cased(weak('source', 'web-dl', 'WEB|Web')),
  strong(
    'source',
    'hdtv',
    '[AU]?HDTV(?:[ ._-]?(?:Rip|Mux))?|PDTV|DSR(?:ip)?|SDTV|TV[ ._-]?Rip|DVB(?:[ ._-]?Rip|-?[STC]2?)|SAT[ ._-]?Rip|IPTV(?:Rip)?|DTH[ ._-]?Rip|HD[ ._-]TV',
  ),
  cased(weak('source', 'hdtv', 'DVB|TVRIP')),
  strong('source', 'dvd', 'DVD[ ._-]?(?:Rip|5|9|R|SCR(?:eener)?|Mux|Full)|DVD-R|(?:NTSC|PAL)[ ._-]DVD\\d?'),
  cased(weak('source', 'dvd', 'DVD|PAL|NTSC')),
  strong('source', 'cam', '(?:HD|HQ|NEW)[ ._-]?CAM(?:[ ._-]?Rip)?|CAM[ ._-]?Rip'),
  weak('source', 'cam', 'CAM'),
  strong('source', 'ts', 'HD[ ._-]?TS(?:Rip)?|TS[ ._-]?Rip|TELESYNC|HD[ ._-]?TELESYNC|PDVD(?:Rip)?|Pre-?DVD(?:Rip)?'),
  cased(weak('source', 'ts', 'TS|Ts')),
  strong(
    'source',
    'other',
    'HD[ ._-]?TC|TELECINE|HD[ ._-]?Rip|R5|(?:BD|WEB)[ ._-]?SCR|SCREENER|WORK[ ._-]?PRINT|VHS[ ._-]?Rip|LD[ ._-]?Rip|HD-?DVD(?:Rip)?|PPV[ ._-]?Rip|Laserdisc',
  ),
  cased(weak('source', 'other', 'TC|SCR|VHS|PPV|WP|LaserDisc')),
];

const videos: readonly MarkerRule[] = [
  strong('video', 'h264', '[xh][ ._]?264(?:-?10bit)?|AVC(?:1)?|h264[ ._-]?hi10p?|Hi10P?'),
  strong('video', 'hevc', '[xh][ ._]?265(?:-?10bit)?|HEVC(?:-?(?:8|10|12)(?:bit)?)?(?:-?d3g)?'),
  strong('video', 'av1', 'AV1(?:[ ._-]?10bit)?|SVT-?AV1'),
  strong('video', 'vp9', 'VP9'),
  strong('video', 'mpeg2', 'MPE?G[ ._-]?2|H[ ._]?262'),
  strong('video', 'vc1', 'VC[ ._-]?1'),
  strong('video', 'xvid', 'XviD(?:HD)?|DivX(?:HD|\\d)?|DX50'),
];

const audios: readonly MarkerRule[] = [
  strong('audio', 'truehd', sound('TrueHD|Dolby[ ._-]TrueHD')),
  strong('audio', 'dts-x', sound('DTS[ ._-]?X(?![ ._]?26[45])')),
  strong('audio', 'dts-hd', sound('DTS[ ._-]?HD(?:[ ._-]?(?:MA|HRA?|HR))?|DTS[ ._-]MA')),
  strong('audio', 'dts', sound('DTS(?:-?ES)?')),
  strong('audio', 'eac3', 'DDP(?:20|51|71)'),
  strong('audio', 'ac3', 'DD(?:20|51)'),
  strong('audio', 'eac3', sound('E-?AC-?3|DDP(?:A)?|DD\\+|DDPlus|DDP?A')),
  strong('audio', 'ac3', sound('AC-?3(?:D|MD|LD)?|DD(?=[ ._-]{0,2}[1-7][ ._][01])|Dolby[ ._-]Digital')),
  strong('audio', 'aac', sound('(?:HE-?|Q)?AAC(?:-?LC)?')),
  strong('audio', 'flac', sound('FLAC')),
  strong('audio', 'opus', sound('Opus(?=[ ._-]{0,2}(?:[1-7][ ._][01]|\\]|\\)|$))')),
  cased(weak('audio', 'opus', 'Opus|OPUS')),
  strong('audio', 'mp3', sound('MP3')),
  strong('audio', 'pcm', sound('L?PCM')),
  strong('audio', 'vorbis', 'Vorbis'),
  weak('audio', 'atmos', 'Atmos'),
];

const ranges: readonly MarkerRule[] = [
  strong('hdr', 'hdr10+', 'HDR10(?:\\+|Plus|P)(?![\\p{L}\\p{N}])'),
  strong('hdr', 'hdr10', 'HDR10(?!\\+)'),
  strong('hdr', 'dv hdr10+', '(?:DV|DoVi)[ ._+-]?HDR10(?:\\+|Plus|P)(?![\\p{L}\\p{N}])'),
  strong('hdr', 'dv hdr10', '(?:DV|DoVi)[ ._+-]?HDR(?:10)?(?!\\+)'),
  cased(weak('hdr', 'hdr10', 'HDR')),
  strong('hdr', 'dv', 'DoVi|Dolby[ ._-]?Vision'),
  cased(weak('hdr', 'dv', 'DV')),
  cased(weak('hdr', 'hlg', 'HLG')),
];

const threeD: readonly MarkerRule[] = [
  strong('three_d', 'sbs', '(?:3D[ ._-]{0,3})?(?:H(?:alf)?|F(?:ull)?)[ ._-]?SBS|3D[ ._-]{0,3}SBS|SBS[ ._-]{0,3}3D'),
  strong('three_d', 'ou', '(?:3D[ ._-]{0,3})?(?:H(?:alf)?|F(?:ull)?)[ ._-]?(?:OU|TAB)|3D[ ._-]{0,3}(?:OU|TAB)'),
  cased(weak('three_d', 'sbs', 'SBS')),
  cased(weak('three_d', 'ou', 'OU|TAB')),
  weak('three_d', 'other', '3D'),
];

const others: readonly MarkerRule[] = [
  weak('proper', 'proper', 'PROPER|RE-?PACK\\d?|RERIP'),
  cased(weak('proper', 'proper', 'REAL(?:[ ._]PROPER)?|[vV][2-4]')),
  strong('noise', '', '\\d{3,4}x\\d{3,4}'),
  strong('noise', '', '(?:8|10|12)[ ._-]?bits?|\\d{1,3}(?:\\.\\d{1,3})?fps|\\d{1,2}(?:\\.\\d)?[MG]B(?:ps)?'),
  cased(
    weak(
      'noise',
      '',
      'MULTi\\d?|MULTI\\d?|Multi|NORDi?C|Nordic|FASTSUB|SUBFORCED|SWESUB|STV|DOKU|CONVERT|HFR|LiNE|HDLi?ght|DUAL|Dual|DL|ML|DUBBED|Dubbed|SUBBED|Subbed|SUBFRENCH|VOSTFR|VOST|HC|LD|MD|DUB|KORSUB|HARDSUB|SUBS?|ESUBS?|ESub|MSubs?',
    ),
  ),
  cased(
    weak(
      'noise',
      '',
      'iNTERNAL|INTERNAL|LIMITED|LiMiTED|READNFO|NFOFIX|DIRFIX|COMPLETE|Complete|RETAIL|HQ|LQ|SDR|WS|ws(?=[ ._](?:dvd|hdtv|pdtv|dsr))|FS|AMZN|NF|DSNP|HMAX|MAX|ATVP|HULU|PCOK|PMTP|STAN|iP|iT|CR|MA|HBO|SHO|BluRayRip',
    ),
  ),
  cased(weak('noise', '', 'Dual[ ._-]Audio|DUAL[ ._-]AUDIO|Multi[ ._-]Subs?|Multi-Audio|Eng[ ._-]?Subs?')),
  weak('noise', '', 'dual-audio|multi-?subs?|bilingual'),
];

/** All that tell quality, in the order in which they are tried. */
export const qualityRules: readonly MarkerRule[] = [
  ...resolutions,
  ...sources,
  ...videos,
  ...audios,
  ...ranges,
  ...threeD,
  ...others,
];
