/** Characters of one name that are read; file systems allow 255 bytes. */
const LONGEST = 512;
/** Folders above a file that are read. */
const DEEPEST = 8;

const extension =
  /\.(?:mkv|mp4|m4v|avi|mov|wmv|ts|m2ts|mts|webm|flv|f4v|mpe?g|mpe|m1v|m2v|vob|iso|img|ogm|ogv|divx|3gp|3g2|rm|rmvb|asf|strm|mk3d|trp|tp|dvr-ms|wtv|nuv|evo|mxf|mka|mks|mp3|srt|ass|ssa|vtt|sub|idx|sup|smi|nfo|jpe?g|png|webp|tbn|par2|nzb|torrent|part)$/i;
/** In capitals these are the release's codec: "Film.2019.BluRay.DTS". */
const soundExtension = /\.(?:flac|aac|ac3|eac3|dts)$/;

export interface PathParts {
  /** The name without its extension. */
  readonly name: string;
  /** The folders above it, the nearest first. */
  readonly folders: readonly string[];
}

/** Takes a path apart; a backslash parts only where there is no slash (Windows). */
export function splitPath(path: string): PathParts {
  const separator = path.includes('/') ? '/' : '\\';
  const parts = path.split(separator).filter((part) => part !== '' && part !== '.' && !/^[a-z]:$/i.test(part));
  const last = parts.pop() ?? '';
  const name = widthFolded(last.replace(extension.test(last) ? extension : soundExtension, '').slice(0, LONGEST));
  const folders = parts
    .slice(-DEEPEST)
    .toReversed()
    .map((part) => widthFolded(part.slice(0, LONGEST)));
  return { name, folders };
}

/** Composed letters, and East Asian brackets and spaces as the ordinary ones. */
function widthFolded(text: string): string {
  return text
    .normalize('NFC')
    .replaceAll(/[\u3010\uFF3B\u300C\u300E]/g, '[')
    .replaceAll(/[\u3011\uFF3D\u300D\u300F]/g, ']')
    .replaceAll('\uFF08', '(')
    .replaceAll('\uFF09', ')')
    .replaceAll(/(?<=\d)\u00D7(?=\d)/g, 'x')
    .replaceAll(/[\u3000\u00A0\u2000-\u200A]/g, ' ')
    .replaceAll(/[\p{Cc}\u200B\uFEFF]/gu, ' ');
}
