/** A title as lists order it: no leading article, no marks on Latin letters, numbers by value; short enough for an index. */
export function sortTitle(title: string): string {
  const bare = title
    .normalize('NFKD')
    .replaceAll(/(?<=\p{Script=Latin})\p{Mn}+/gu, '')
    .normalize('NFC')
    .toLowerCase()
    .replace(/^[\p{P}\p{S}\s]+/u, '')
    .replace(/^(?:the|an?)\s+(?=\S)/, '');
  const ordered = (bare === '' ? title : bare).replaceAll(/\d{1,8}/g, (digits) => digits.padStart(8, '0'));
  return [...ordered].slice(0, 200).join('');
}
