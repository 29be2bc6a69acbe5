import { createHash } from 'node:crypto';

const STYLE = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}body{max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3rem .8rem .3rem 0;
border-bottom:1px solid #8884;vertical-align:top}code,pre{font:.9em ui-monospace,monospace}pre{overflow:auto;padding:.6rem;background:#8881}
summary{cursor:pointer;padding:.3rem 0}.m{display:inline-block;min-width:4.5rem;font-weight:600}.notice{border-left:4px solid #c80;padding:.4rem 1rem;background:#c801}
progress{width:12rem}.dim{opacity:.75}.notice{white-space:pre-line;overflow-wrap:anywhere}details[open]{margin-bottom:1.5rem}
details>:not(summary){margin-left:1rem}summary code{overflow-wrap:anywhere}`;
const HASH = createHash('sha256').update(STYLE).digest('base64');

/** Our own style and nothing else: no script, no frame, nothing from elsewhere. */
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${HASH}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
export const escaped = (value: unknown): string => String(value ?? '').replaceAll(/[&<>"']/g, (c) => ESCAPES[c] ?? c);

/** A whole page. `refresh` in seconds. `body` is HTML already. */
export const page = (title: string, body: string, refresh?: number): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title>${
    refresh ? `<meta http-equiv="refresh" content="${refresh}">` : ''
  }<style>${STYLE}</style></head><body><main>${body}</main></body></html>`;
