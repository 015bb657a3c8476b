import type { Page } from 'playwright-core';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startBrowser } from './support/browser.ts';
import { pastHour } from './support/past.ts';
import { startService } from './support/service.ts';
import { DESKTOP, PHONE, signIn, visit, type View } from './support/visit.ts';

/** Updates the screenshots of the README: `npm run screenshots`. */
const IMAGES = join(import.meta.dirname, '..', '..', 'docs', 'images');
const TALL: View = { ...DESKTOP, width: 1360, height: 1120 };

const service = await startService(pastHour(new Date()), { count: 26_500 });
const browser = await startBrowser();

async function take(name: string, view: View, colours: 'light' | 'dark', prepare: (page: Page) => Promise<void>): Promise<void> {
  const visited = await visit(browser, service, view, colours);
  const { page } = visited;
  await signIn(visited, service.token);
  await page.locator('.marks a').first().waitFor({ timeout: 30_000 });
  await page.getByRole('meter').getByText('40 %').waitFor({ timeout: 30_000 });
  await prepare(page);
  // Until the animation of the gauge has ended.
  await page.waitForTimeout(800);
  await page.screenshot({ path: join(IMAGES, `page-${name}.png`) });
  await visited.close();
}

const nothing = (): Promise<void> => Promise.resolve();

async function showPlan(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Change max', exact: true }).click();
  await page.getByLabel('max', { exact: true }).fill('20000');
  await page.getByLabel('Reason').fill('shed load');
  await page.getByRole('button', { name: 'Show plan' }).click();
  await page.getByRole('heading', { name: 'Risks' }).waitFor();
}

try {
  await mkdir(IMAGES, { recursive: true });
  await service.send('PATCH', '/settings', { settings: { udp_timeout: 45 }, reason: 'resolvers answer late' });
  await service.send('PATCH', '/settings', { settings: { max: 65_536, buckets: 32_768 }, persist: true, reason: 'shorter chains' });
  await service.send('PATCH', '/settings', {
    settings: { tcp_timeout_established: 86_400 },
    reason: 'idle flows fill the table',
    confirmWithinSeconds: 300,
  });
  await take('light', TALL, 'light', nothing);
  await take('dark', TALL, 'dark', nothing);
  await take('plan', { ...DESKTOP, width: 1200, height: 760 }, 'light', showPlan);
  await take('phone', { ...PHONE, height: 1500 }, 'dark', nothing);
} finally {
  await browser.close();
  await service.stop();
}
