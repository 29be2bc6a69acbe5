/** Sent with every answer, flat as writeHead takes them. HSTS only where the public URL is https: on a LAN it would lock people out. */
export function securityHeaders(publicUrl: string | undefined): readonly string[] {
  const always = [
    'x-content-type-options',
    'nosniff',
    'x-frame-options',
    'DENY',
    'referrer-policy',
    'no-referrer',
    'cross-origin-opener-policy',
    'same-origin',
  ];
  return publicUrl?.startsWith('https:') ? [...always, 'strict-transport-security', 'max-age=31536000'] : always;
}

/** For what is no page of ours: nothing in it may run, be framed or load. */
export const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox";
