/** A title as a person writes it: separators become spaces, acronyms keep their dots, brackets without content go. */
export function cleanTitle(raw: string): string | null {
  let text = raw.replaceAll('\u0001', ' ');
  if (!/\S \S/u.test(text.trim()) || /\p{L}{2}[._]\p{L}{2}.*\p{L}{2}[._]\p{L}/u.test(text)) text = dotsToSpaces(text);
  text = text
    .replaceAll('_', ' ')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[([{]\s?[)\]}]/g, ' ')
    .replace(/^(?!\.{3}\p{L})[\s\-–—_.,:;)\]}+~=|]+(?:#(?!\p{L}))?/u, '')
    .replace(/^#(?!\p{L})\s*/u, '')
    .replace(/[\s\-–—_,:;([{+~=|#]+$/u, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  text = inOrder(withoutLooseEnd(text));
  return text === '' || !/[\p{L}\p{N}\p{S}\p{Po}]/u.test(text) ? null : text;
}

/** "Matrix, The": as Radarr and Sonarr sort it. */
function inOrder(text: string): string {
  const match = /^(?<rest>[^,]{1,200}), (?<article>The|A|An|Der|Die|Das|Le|La|Les|El|Los|Las|Il|Lo|De|Het)$/u.exec(
    text,
  );
  return match === null ? text : `${match.groups?.article} ${match.groups?.rest}`;
}

/** "S.H.I.E.L.D." and "R.I.P.D." stay; every other dot parts words. */
function dotsToSpaces(text: string): string {
  const parts = text.split('.');
  let result = '';
  parts.forEach((part, index) => {
    const isLetter = isInitial(part);
    const previous = parts[index - 1] ?? '';
    const next = parts[index + 1] ?? '';
    const isAcronym = isLetter && (isInitial(previous) || isInitial(next)) && index < parts.length - 1;
    const isLast = index === parts.length - 1;
    result += part + (isLast ? '' : isAcronym ? (isInitial(next) ? '.' : '. ') : ' ');
  });
  return result;
}

function isInitial(part: string): boolean {
  return /^\p{Lu}$/u.test(part.trim());
}

/** A bracket that never opens or never closes is left from what was cut away; so is a single dot. */
function withoutLooseEnd(text: string): string {
  let result = text;
  if (/[)\]}]$/.test(result) && !/[([{]/.test(result)) result = result.replace(/[)\]}]+$/, '');
  const opened = Math.max(result.lastIndexOf('('), result.lastIndexOf('['), result.lastIndexOf('{'));
  if (opened >= 0 && !/[)\]}]/.test(result.slice(opened))) result = result.slice(0, opened);
  if (/[^.\p{Lu}]\.$/u.test(result) && !/\b(?:Jr|Sr|Dr|Mr|Mrs|Ms|St|vs|Inc|Co|etc)\.$/i.test(result))
    result = result.replace(/\.$/, '');
  return result.trim();
}
