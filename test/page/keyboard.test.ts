import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBrowser } from './support/browser.ts';
import { startService, type Service } from './support/service.ts';
import { DESKTOP, visit, type Visit } from './support/visit.ts';

let browser: Browser;
let service: Service;
let visited: Visit;
beforeAll(async () => {
  browser = await startBrowser();
  service = await startService();
  visited = await visit(browser, service, DESKTOP);
});
afterAll(async () => {
  await browser.close();
  await service.stop();
});

/** The accessible name of the focused element; empty when its focus is not visible. */
async function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (!(element instanceof HTMLElement) || element === document.body) return '';
    const seen = element.matches(':focus-visible') && getComputedStyle(element).outlineStyle !== 'none';
    const label = element instanceof HTMLInputElement ? element.labels?.[0]?.innerText : undefined;
    return seen || element.matches('.segmented input') ? (element.getAttribute('aria-label') ?? label ?? element.innerText).trim() : '';
  });
}

/** Presses Tab until the element with this name is focused. @throws Error when Tab does not reach it */
async function tabTo(page: Page, name: string): Promise<void> {
  const passed: string[] = [];
  for (let presses = 0; presses < 80; presses += 1) {
    const here = await focused(page);
    if (here === name) return;
    passed.push(here);
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab did not reach "${name}"; it reached ${passed.join(' | ')}`);
}

it('every action works with the keyboard alone', async () => {
  const { page } = visited;
  await tabTo(page, 'Bearer token');
  await page.keyboard.insertText(service.token);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Change max', exact: true }).waitFor();

  await tabTo(page, 'Change max');
  // Repeated, because a focus that is restored late is still in time in most runs.
  for (let times = 0; times < 40; times += 1) {
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await focused(page)).toBe('Change max');
  }

  await page.keyboard.press('Enter');
  await tabTo(page, 'max');
  await page.keyboard.type('131072');
  await tabTo(page, 'buckets');
  await page.keyboard.type('65536');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Risks' }).waitFor();
  await tabTo(page, 'Apply');
  await page.keyboard.press('Space');
  await page.getByRole('dialog').waitFor({ state: 'detached' });

  await page.getByRole('button', { name: 'Confirm change 1' }).waitFor();
  await tabTo(page, 'Confirm change 1');
  await page.keyboard.press('Enter');
  await page.getByText('No changes awaiting confirmation.').waitFor();

  await tabTo(page, 'Roll back change 1');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Risks' }).waitFor();
  await tabTo(page, 'Roll back');
  await page.keyboard.press('Enter');
  await page.getByRole('region', { name: 'Changes' }).getByText('rollback of 1').waitFor();
  const { value } = await service.send<{ value: number }>('GET', '/settings/max');
  expect(value).toBe(65_536);
  expect(visited.offences).toEqual([]);
});
