import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Service } from './service.ts';

export interface View {
  readonly name: string;
  readonly width: number;
  readonly height: number;
}

export const DESKTOP: View = { name: 'desktop', width: 1440, height: 900 };
export const PHONE: View = { name: 'phone', width: 375, height: 812 };

/** A visit to the page, with a record of its requests and of its violations. */
export interface Visit {
  readonly page: Page;
  /** All requests: method and URL. */
  readonly requests: readonly string[];
  /** Requests to other origins, errors and violations of the content security policy. */
  readonly offences: readonly string[];
  /**
   * Layout shifts of visible content as web.dev counts them (https://web.dev/articles/cls): shifts within 500 ms of a click or a key are
   * expected and not counted.
   */
  shifts(): Promise<readonly LayoutShiftRecord[]>;
  close(): Promise<void>;
}

export interface LayoutShiftRecord {
  /** Share of the viewport that shifted, times the distance. */
  readonly score: number;
  /** Element, and its position before and after. */
  readonly sources: readonly string[];
}

interface WatchedWindow {
  shifts?: LayoutShiftRecord[];
}

interface LayoutShift extends PerformanceEntry {
  readonly value: number;
  readonly hadRecentInput: boolean;
  readonly sources: readonly { readonly node: Node | null; readonly previousRect: DOMRect; readonly currentRect: DOMRect }[];
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
    if (message.type() === 'error' || message.type() === 'warning') offences.push(`console: ${message.text()}`);
  });
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      console.error(`content security policy: ${violatedDirective} ${blockedURI}`);
    });
    const shifts: LayoutShiftRecord[] = [];
    (globalThis as WatchedWindow).shifts = shifts;
    const placeOf = ({ x, y, width, height }: DOMRect): string => [x, y, width, height].map(Math.round).join();
    const nameOf = (node: Node | null): string =>
      node instanceof Element ? `${node.localName}.${node.className}` : `text ${node?.textContent ?? ''}`;
    new PerformanceObserver((list) => {
      for (const { value: score, hadRecentInput, sources } of list.getEntries() as LayoutShift[]) {
        if (hadRecentInput) continue;
        const described = sources.map(
          ({ node, previousRect, currentRect }) => `${nameOf(node)} ${placeOf(previousRect)} → ${placeOf(currentRect)}`,
        );
        shifts.push({ score, sources: described });
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  page.setDefaultTimeout(10_000);
  await page.goto(service.url);
  return {
    page,
    requests,
    offences,
    shifts: () => page.evaluate(() => (globalThis as WatchedWindow).shifts ?? []),
    close: () => context.close(),
  };
}

async function watchRequests(context: BrowserContext, origin: string, requests: string[], offences: string[]): Promise<void> {
  await context.route('**', async (route) => {
    const url = route.request().url();
    requests.push(`${route.request().method()} ${url}`);
    if (url.startsWith(`${origin}/`)) return route.continue();
    offences.push(`request to another origin: ${url}`);
    return route.abort();
  });
}

export async function signIn({ page }: Visit, token: string): Promise<void> {
  await page.getByLabel('Bearer token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Table usage' }).waitFor();
}
