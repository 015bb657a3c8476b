import axe, { type AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser } from './support/browser.ts';
import { pastHour } from './support/past.ts';
import { startService, type Service } from './support/service.ts';
import { DESKTOP, PHONE, signIn, visit } from './support/visit.ts';

let browser: Browser;
let service: Service;
beforeAll(async () => {
  browser = await startBrowser();
  service = await startService(pastHour(new Date()));
  await service.send('PATCH', '/settings', { settings: { max: 131_072, buckets: 65_536 }, persist: true, reason: 'black friday' });
  await service.send('PATCH', '/settings', { settings: { udp_timeout: 45 }, confirmWithinSeconds: 3_600 });
  await service.send('POST', '/changes/1/rollback', { dryRun: true });
});
afterAll(async () => {
  await browser.close();
  await service.stop();
});

/** The serious and critical violations that axe finds: rule, element, explanation. */
async function findings(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const { violations, passes } = await page.evaluate(() => (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run());
  expect(passes.length).toBeGreaterThan(10);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary ?? ''}`));
}

function expandAll(page: Page): Promise<void> {
  return page.evaluate(() => {
    for (const details of document.querySelectorAll('details')) details.open = true;
  });
}

const VIEWS = [DESKTOP, PHONE].flatMap((view) => (['light', 'dark'] as const).map((colours) => ({ view, colours, name: view.name })));

describe.each(VIEWS)('on a $name, $colours', ({ view, colours }) => {
  it('axe finds no serious violation, from sign-in to the plan', async () => {
    const visited = await visit(browser, service, view, colours);
    const { page } = visited;
    const found: string[] = [];
    const check = async (where: string): Promise<void> => {
      for (const finding of await findings(page)) found.push(`${where}: ${finding}`);
    };
    await page.getByLabel('Bearer token').fill('ctapi_000000000000_nonsense');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').waitFor();
    await check('sign-in');
    await signIn(visited, service.token);
    await page.getByRole('button', { name: 'Roll back change 1' }).waitFor();
    await page.getByRole('button', { name: 'Count now' }).click();
    await page.getByText('Destination port').first().waitFor();
    await expandAll(page);
    await page.locator('.marks a').first().waitFor();
    await check('the page, all expanded');
    await page.getByRole('button', { name: 'Change max', exact: true }).click();
    await check('the form');
    await page.getByLabel('max', { exact: true }).fill('1000');
    await page.getByRole('button', { name: 'Show plan' }).click();
    await page.getByRole('heading', { name: 'Risks' }).waitFor();
    await check('the plan');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Roll back change 1' }).click();
    await page.getByRole('heading', { name: 'Risks' }).waitFor();
    await expandAll(page);
    await check('rollback');
    expect(found).toEqual([]);
    expect(visited.offences.filter((offence) => !offence.includes('status of 401'))).toEqual([]);
    await visited.close();
  });
});
