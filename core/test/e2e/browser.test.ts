import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type Browser, chromium } from 'playwright-core';
import { createTestDatabase, type TestDatabase } from '../../src/testing/postgres.ts';
import { startTestServer, type TestServer } from '../../src/testing/server.ts';
import { call } from '../kernel/api.ts';
import { type Row, rows, settled } from './support.ts';

const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const there = existsSync(CHROMIUM);
if (!there)
  process.stderr.write(`skipped: no browser at ${CHROMIUM} (apt-get install chromium, or name one in CHROMIUM_PATH)\n`);

(there ? describe : describe.skip)('in a browser', () => {
  let database: TestDatabase;
  let server: TestServer;
  let browser: Browser;
  let token = '';
  let site = { url: '', close: () => undefined as unknown };

  beforeAll(async () => {
    database = await createTestDatabase();
    server = await startTestServer({ args: ['--sample'], env: { DATABASE_URL: database.url } });
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--mute-audio'] });
    token = await settled(server);
    site = await otherSite();
  });
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  });
  afterAll(async () => {
    site.close();
    await browser?.close();
    await server?.stop();
    await database?.drop();
  });

  test.each(['mp4', 'webm'])('a signed link plays and seeks a .%s file on a page of another site', async (kind) => {
    const { url, type } = await linkTo(server, token, kind);
    const page = await browser.newPage();
    const asked: { readonly range: string | undefined; readonly status: number; readonly referer?: string }[] = [];
    page.on('response', async (answer) => {
      if (!answer.url().startsWith(server.url)) return;
      const { range, referer } = await answer.request().allHeaders();
      asked.push({ range, status: answer.status(), ...(referer !== undefined && { referer }) });
    });
    await page.goto(site.url);
    const played = await page.evaluate(`play(${JSON.stringify(url)})`);
    expect(played).toEqual({ picture: true, seeked: true });
    expect(type).toMatch(/^video\//);
    expect(asked.every(({ range, status }) => range?.startsWith('bytes=') === true && status === 206)).toBe(true);
    expect(asked.length).toBeGreaterThan(0);
    await page.close();
  });

  test.each([
    ['/', 'Revenge'],
    ['/api/docs', 'Revenge API'],
  ])('%s is whole without a network and raises no error', async (path, title) => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const wrong: string[] = [];
    await context.route('**/*', (route) => {
      if (route.request().url().startsWith(server.url)) return route.continue();
      wrong.push(`asked for ${route.request().url()}`);
      return route.abort();
    });
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && wrong.push(message.text()));
    page.on('pageerror', (error) => wrong.push(error.message));
    page.on('requestfailed', (request) => wrong.push(`failed: ${request.url()}`));
    page.on('response', (answer) => answer.status() >= 400 && wrong.push(`${answer.status()} ${answer.url()}`));
    await page.goto(`${server.url}${path}`, { waitUntil: 'networkidle' });
    expect(wrong).toEqual([]);
    expect(await page.title()).toBe(title);
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
    expect(await page.getByRole('main').count()).toBe(1);
    await context.close();
  });

  test('the start page tells how to make the first account, then no more, and what is scanned', async () => {
    const empty = await createTestDatabase();
    ends.push(() => empty.drop());
    const fresh = await startTestServer({ args: ['--sample'], env: { DATABASE_URL: empty.url } });
    ends.push(() => fresh.stop());
    const page = await browser.newPage();
    ends.push(() => page.close());
    await page.goto(fresh.url);
    expect(await page.locator('body').innerText()).toMatch(/No account yet[^]*curl http/);
    await settled(fresh);
    await page.goto(fresh.url);
    expect(await page.locator('body').innerText()).not.toContain('No account yet');
    await page.getByRole('link', { name: 'API documentation' }).click();
    await page.waitForURL('**/api/docs');
    expect(await page.title()).toBe('Revenge API');
  });
});

/** A page of another origin, as a client's web player is. */
function otherSite(): Promise<{ url: string; close: () => unknown }> {
  const html = readFileSync(new URL('player.html', import.meta.url));
  const site = createServer((_, reply) => reply.setHeader('content-type', 'text/html').end(html));
  return new Promise((done) =>
    site.listen(0, '127.0.0.1', () => {
      const { port } = site.address() as AddressInfo; // it listens on TCP
      done({ url: `http://localhost:${port}/`, close: () => (site.closeAllConnections(), site.close()) });
    }),
  );
}

/** The signed link to the first readable film file of a kind, and the type it is served as. */
async function linkTo(server: TestServer, as: string, kind: string): Promise<{ url: string; type: string | null }> {
  for (const { id } of await rows(server, '/movies?limit=100', 'items', as)) {
    const files = await rows<Row & { file_name: string; problem: unknown }>(server, `/movies/${id}/files`, '', as);
    const file = files.find(({ file_name, problem }) => file_name.endsWith(`.${kind}`) && !problem);
    if (!file) continue;
    const { body } = await call(server, `POST /files/${file.id}/url`, { as });
    const url = String(body.url);
    const head = await fetch(url, { method: 'HEAD' });
    return { url, type: head.headers.get('content-type') };
  }
  throw new Error(`no film has a .${kind} file`);
}
