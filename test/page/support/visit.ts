import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Service } from './service.ts';

export interface View {
  readonly name: string;
  readonly width: number;
  readonly height: number;
}

export const DESKTOP: View = { name: 'desktop', width: 1440, height: 900 };
export const PHONE: View = { name: 'phone', width: 375, height: 812 };

/** The page asks for it already, and says where a service does not have it. */
const NOT_YET = '/api/v1/boot';

/** A visit to the page, and all that it did which it must not do. */
export interface Visit {
  readonly page: Page;
  /** Everything asked for since it began: method and URL. */
  readonly requests: readonly string[];
  /** Requests to elsewhere, errors and violations of the content security policy. */
  readonly offences: readonly string[];
  /** Sum of the movements of what was on the screen already, those after a click or a key left out. */
  layoutShift(): Promise<number>;
  close(): Promise<void>;
}

interface Watched {
  shift?: number;
}

export async function visit(
  browser: Browser,
  service: Service,
  { width, height }: View,
  colorScheme: 'light' | 'dark' = 'light',
): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, locale: 'en-GB', timezoneId: 'UTC' });
  const requests: string[] = [];
  const offences: string[] = [];
  await watchRequests(context, service.url, requests, offences);
  const page = await context.newPage();
  page.on('pageerror', (error) => offences.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.location().url.endsWith(NOT_YET)) return;
    if (message.type() === 'error' || message.type() === 'warning') offences.push(`console: ${message.text()}`);
  });
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      console.error(`content security policy: ${violatedDirective} ${blockedURI}`);
    });
    const watched = globalThis as Watched;
    watched.shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { readonly value: number; readonly hadRecentInput: boolean })[]) {
        if (!entry.hadRecentInput) watched.shift = (watched.shift ?? 0) + entry.value;
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  page.setDefaultTimeout(10_000);
  await page.goto(service.url);
  return {
    page,
    requests,
    offences,
    layoutShift: () => page.evaluate(() => (globalThis as Watched).shift ?? Number.NaN),
    close: () => context.close(),
  };
}

async function watchRequests(context: BrowserContext, origin: string, requests: string[], offences: string[]): Promise<void> {
  await context.route('**', async (route) => {
    const url = route.request().url();
    requests.push(`${route.request().method()} ${url}`);
    if (url.startsWith(`${origin}/`)) return route.continue();
    offences.push(`request to elsewhere: ${url}`);
    return route.abort();
  });
}

export async function signIn({ page }: Visit, token: string): Promise<void> {
  await page.getByLabel('Bearer token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Use of the table' }).waitFor();
}
