/** Best first: the user's own, what the browser asks for, 'en'. */
export function languagesOf(own: readonly string[], accept: string | undefined): readonly string[] {
  const asked = (accept ?? '')
    .split(',')
    .slice(0, 20)
    .map((part) => {
      const [tag = '', ...rest] = part.trim().split(';');
      const q = rest.map((r) => /^\s*q=([\d.]+)$/.exec(r)?.[1]).find((v) => v !== undefined);
      return { tag: tag.trim(), q: q === undefined ? 1 : Number(q) };
    })
    .filter(({ tag, q }) => q > 0 && /^[a-z]{1,8}(?:-[a-z0-9]{1,8})*$/i.test(tag))
    .sort((a, b) => b.q - a.q)
    .map(({ tag }) => tag);
  return [...new Set([...own, ...asked, 'en'])];
}
