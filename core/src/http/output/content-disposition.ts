/** RFC 6266 and 8187: a plain name for old clients, and the real one in UTF-8. Folders and control characters are left out. */
export function attachment(name: string): string {
  const safe =
    (name.split(/[\\/]/).at(-1) ?? '')
      .replaceAll(/\p{Cc}/gu, ' ')
      .replaceAll(/\p{Surrogate}/gu, '_')
      .trim() || 'download';
  const plain = safe.replaceAll(/[^\u0020-\u007e]/g, '_').replaceAll(/["\\]/g, '\\$&');
  const encoded = encodeURIComponent(safe).replaceAll(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
