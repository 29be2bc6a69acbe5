import type { HttpDeps } from '../http-deps.ts';
import type { JobRow } from '../../jobs/job-queue.ts';
import type { CoreRoute } from './core-call.ts';
import { escaped, page, PAGE_POLICY } from './page.ts';

/** Seconds between looks: the page is a glance at a server, not a dashboard. */
const REFRESH = 5;
/** Milliseconds that running jobs are remembered, so that open pages cost one query together. */
const KEPT_MS = 2_000;

/** What a person sees who opens the server's address: how it is and what it does. Works offline, says nothing private: anybody may read it. */
export function startPageRoutes({ plugins, jobs, readiness, log }: HttpDeps, prefix: string): CoreRoute[] {
  let kept: { readonly at: number; readonly rows: Promise<readonly JobRow[] | undefined> } | undefined;
  const running = (): Promise<readonly JobRow[] | undefined> => {
    const now = performance.now();
    if (!kept || now - kept.at > KEPT_MS)
      kept = {
        at: now,
        rows: jobs.list({ state: 'running', limit: 20 }).catch((error: unknown) => {
          log.debug('the start page could not read jobs', { error: String(error) });
          return undefined;
        }),
      };
    return kept.rows;
  };
  return [
    {
      method: 'get',
      path: '/',
      run: async (call) => {
        const html = render(plugins().list(), await running(), readiness.reasons(), prefix);
        await call.text('text/html; charset=utf-8', html, { 'content-security-policy': PAGE_POLICY });
      },
    },
  ];
}

type Plugins = ReturnType<ReturnType<HttpDeps['plugins']>['list']>;
function render(
  plugins: Plugins,
  rows: readonly JobRow[] | undefined,
  reasons: readonly string[],
  prefix: string,
): string {
  const notices = plugins.flatMap((p) => p.notices).map((n) => `<p class="notice" role="status">${escaped(n)}</p>`);
  const states = plugins.map((p) => `<tr><td>${escaped(p.title)}</td><td>${escaped(p.state)}</td></tr>`);
  return page(
    'Revenge',
    `<h1>Revenge</h1><p>${reasons.length ? 'Not ready yet.' : 'Running.'}</p>${notices.join('')}
<h2>At work</h2>${jobsHtml(rows)}<h2>Plugins</h2><table>${states.join('')}</table>
<p><a href="${escaped(prefix)}/api/docs">API documentation</a></p>`,
    REFRESH,
  );
}

function jobsHtml(rows: readonly JobRow[] | undefined): string {
  if (!rows) return '<p>The database does not answer just now.</p>';
  if (rows.length === 0) return '<p>Nothing to do.</p>';
  const lines = rows.map(
    (job) =>
      `<tr><td>${escaped(job.type)}</td><td><progress aria-label="${escaped(job.type)}" max="1" value="${job.progress}"></progress> ${Math.round(job.progress * 100)} %</td></tr>`,
  );
  return `<table>${lines.join('')}</table>`;
}
