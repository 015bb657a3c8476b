import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { startBrowser } from './support/browser.ts';
import { pastHour } from './support/past.ts';
import { startService, type Service } from './support/service.ts';
import { DESKTOP, signIn, visit, type Visit } from './support/visit.ts';

let browser: Browser;
let service: Service;
let visited: Visit;
beforeAll(async () => {
  browser = await startBrowser();
  service = await startService(pastHour(new Date()));
});
afterAll(async () => {
  await browser.close();
  await service.stop();
});
beforeEach(async () => {
  visited = await visit(browser, service, DESKTOP);
  await signIn(visited, service.token);
});
afterEach(() => visited.close());

const requestsTo = (path: string): number =>
  visited.requests.filter((request) => new URL(request.split(' ')[1] ?? '').pathname === `/api/v1${path}`).length;

/** Simulates a hidden tab: headless Chromium reports every tab as visible. */
async function setHidden(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event('visibilitychange'));
  }, isHidden);
}

it('shows when the table fills', async () => {
  const { page } = visited;
  await page.getByRole('meter').getByText('3.1 %').waitFor();
  await service.setKernel('count', 62_000);
  await page.getByRole('meter').getByText('95 %').waitFor({ timeout: 15_000 });
  await service.setKernel('count', 2_000);
  expect(visited.offences).toEqual([]);
});

it('sends no requests while the tab is hidden, and continues at once when it is visible', async () => {
  const { page } = visited;
  await page.getByText('Highest count recorded').waitFor();
  await setHidden(page, true);
  await page.waitForTimeout(500);
  const before = visited.requests.length;
  await page.waitForTimeout(12_000);
  expect(visited.requests.length).toBe(before);
  await setHidden(page, false);
  await expect.poll(() => visited.requests.length, { timeout: 4_000 }).toBeGreaterThan(before + 4);
});

it('waits as long as a 429 requires and shows its problem document', async () => {
  const { page } = visited;
  await page.getByRole('meter').getByText('3.1 %').waitFor();
  const problem = { code: 'TOO_MANY_REQUESTS', title: 'Too many requests', detail: 'Retry later.', status: 429 };
  await page.route('**/api/v1/table', (route) =>
    route.fulfill({ status: 429, headers: { 'retry-after': '600' }, contentType: 'application/problem+json', json: problem }),
  );
  await page.getByText('Retry later.').waitFor({ timeout: 15_000 });
  await page.getByText('not current, last update').waitFor();
  await page.unroute('**/api/v1/table');
  const before = requestsTo('/table');
  await setHidden(page, true);
  await setHidden(page, false);
  await page.waitForTimeout(12_000);
  expect(requestsTo('/table')).toBe(before);
  expect(requestsTo('/settings')).toBeGreaterThan(1);
});

it('keeps the last values while the service does not respond, reports it, and retries automatically', async () => {
  const { page } = visited;
  await page.getByRole('meter').getByText('3.1 %').waitFor();
  await page.route('**/api/v1/table', (route) => route.abort());
  await page.getByText('The service does not respond').first().waitFor({ timeout: 15_000 });
  expect(await page.getByRole('meter').innerText()).toContain('3.1 %');
  await page.unroute('**/api/v1/table');
  await page.getByText('The service does not respond').first().waitFor({ state: 'detached', timeout: 40_000 });
});

it('counts entries only on request', async () => {
  const { page } = visited;
  await page.waitForTimeout(6_000);
  expect(requestsTo('/entries/summary')).toBe(0);
  await page.getByRole('button', { name: 'Count now' }).click();
  const talkers = page.getByRole('region', { name: 'Top talkers' });
  await talkers.getByText('2,000 entries at').waitFor();
  expect(await talkers.getByRole('table', { name: 'Destination port' }).innerText()).toMatch(/tcp 443\s+516\s+26 %/);
  expect(requestsTo('/entries/summary')).toBe(1);
});

it('states that it shows a sample, and the intervals', async () => {
  const { page } = visited;
  // The table has 2,000 entries.
  await page.route('**/api/v1/entries/summary*', (route) =>
    route.continue({ url: route.request().url().replace('sample=50000', 'sample=1000') }),
  );
  await page.getByRole('button', { name: 'Count a sample' }).click();
  const talkers = page.getByRole('region', { name: 'Top talkers' });
  await talkers.getByText(/^Sample of 1,000 of 2,000 entries at .*The numbers are estimates with 95 % intervals\.$/).waitFor();
  const ports = await talkers.getByRole('table', { name: /^Destination port at least/ }).innerText();
  expect(ports).toMatch(/tcp 443\s+5\d\d \(4\d\d to 5\d\d\)\s+2\d %/);
  await talkers.getByRole('button', { name: 'Count again' }).click();
  await talkers.getByText(/^2,000 entries at/).waitFor();
});

it('draws the history and marks changes on the time axis', async () => {
  const { page } = visited;
  await service.send('PATCH', '/settings', { settings: { udp_timeout: 45 }, reason: 'shorter' });
  const mark = page.getByRole('group', { name: /^Entries and maximum/ }).getByRole('link', { name: /change 1: udp_timeout 30 → 45/ });
  await mark.waitFor({ timeout: 20_000 });
  await mark.hover();
  await page.locator('.tip', { hasText: 'shorter' }).first().waitFor({ state: 'visible' });
  await page.getByText('Show as table').click();
  const rates = page.getByRole('table', { name: 'Per second, last 1 h' });
  expect(await rates.getByRole('row', { name: /^early_drop/ }).innerText()).toMatch(/early_drop\s+\S+\s+0\/s\s+1\d(\.\d+)?\/s/);
  await page.getByRole('table', { name: 'Changes, last 1 h' }).getByText('change 1: udp_timeout 30 → 45').waitFor();
  const before = requestsTo('/table/history');
  await page.getByRole('radio', { name: '24 h' }).check({ force: true });
  await page.getByRole('table', { name: 'Per second, last 24 h' }).waitFor();
  await expect.poll(() => requestsTo('/table/history')).toBeGreaterThan(before);
  expect(visited.requests.filter((request) => request.includes('/table/history')).at(-1)).toContain('step=60');
});
