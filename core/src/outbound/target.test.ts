import { expect, test } from '@jest/globals';
import { credentialsToHeader, shown, targetUrl } from './target.ts';

test('a path joins the base below its own path, whatever slashes there are', () => {
  const base = new URL('http://nas:7878/radarr/?apikey=k');
  const joined = ['/api/v3', 'api/v3', '', '?x=1', '//evil.example/x', 'http://nas:7878/other'].map((url) =>
    String(targetUrl(url, base, [])),
  );
  expect(joined).toEqual([
    'http://nas:7878/radarr/api/v3?apikey=k',
    'http://nas:7878/radarr/api/v3?apikey=k',
    'http://nas:7878/radarr/?apikey=k',
    'http://nas:7878/radarr/?apikey=k&x=1',
    'http://nas:7878/radarr/evil.example/x?apikey=k',
    'http://nas:7878/other',
  ]);
});

test('what is no http URL is refused without being repeated', () => {
  expect(() => targetUrl('file:///etc/passwd', undefined, [])).toThrow("this one begins with 'file:'");
  expect(() => targetUrl('secret words', undefined, [])).toThrow(/^the URL asked for is no URL/);
});

test('a user and password in a URL become a header and are shown nowhere', () => {
  const url = new URL('http://me:p%40ss@nas/x?key=1#f');
  const headers = new Headers();
  credentialsToHeader(url, headers);
  expect([headers.get('authorization'), String(url), shown(url)]).toEqual([
    `Basic ${Buffer.from('me:p@ss').toString('base64')}`,
    'http://nas/x?key=1#f',
    'http://nas/x',
  ]);
});
