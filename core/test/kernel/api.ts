import type { TestServer } from '../../src/testing/server.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** JSON over a real socket; `as` is a bearer token. */
export async function call(
  server: TestServer,
  key: string,
  options: { readonly body?: unknown; readonly as?: string } = {},
): Promise<Answer> {
  const [method = 'GET', path = ''] = key.split(' ');
  const answer = await fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...(options.as && { authorization: `Bearer ${options.as}` }) },
    ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    headers: answer.headers,
    body: (text ? JSON.parse(text) : {}) as Record<string, unknown>,
  };
}

/** The first account of a fresh server, which is its administrator. Its access token. */
export async function administrator(server: TestServer): Promise<string> {
  const account = { username: 'admin', password: 'a good password' };
  await call(server, 'POST /auth/register', { body: { ...account, email: 'admin@example.org' } });
  const { body } = await call(server, 'POST /auth/login', { body: account });
  return body.access_token as string;
}
