import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser, Locator, Page, Response } from 'playwright-core';
import { startBrowser } from './support/browser.ts';
import { startService, type Service } from './support/service.ts';

const SCREEN_PIXELS = 900;
/** From the top of an expanded operation to the end of its Execute button, with its description and parameters in between. */
const SCREENS_MAX = 2;
const IN_SESSION = 'conntrack-api.token';

let browser: Browser;
let service: Service;
let page: Page;
const errors: string[] = [];

beforeAll(async () => {
  browser = await startBrowser();
  service = await startService([], {}, ['--namespaces']);
  for (const value of [31, 32]) await service.send('PATCH', '/settings', { settings: { udp_timeout: value } });
  page = await browser.newPage({ viewport: { width: 1280, height: SCREEN_PIXELS } });
  page.on('pageerror', ({ message }) => errors.push(message));
  await page.goto(`${service.url}/docs`);
  await page.getByRole('button', { name: 'Authorize' }).click();
  await page.getByRole('dialog').getByRole('textbox').or(page.locator('.modal-ux input')).first().fill(service.token);
  await page.locator('.modal-ux').getByRole('button', { name: 'Apply credentials' }).click();
  await page.locator('.modal-ux').getByRole('button', { name: 'Close' }).first().click();
});
afterAll(async () => {
  await browser.close();
  await service.stop();
});

const operations = (method: string): Locator => page.locator(`.opblock-${method}`);
const idOf = async (operation: Locator): Promise<string> => (await operation.getAttribute('id'))?.split('-').at(-1) ?? '';

/** Clicks in the page: Playwright's own clicks wait for scrolling and animation. */
const click = (target: Locator): Promise<void> =>
  target.evaluate((element: HTMLElement) => {
    element.click();
  });

/** Sends an operation as Swagger UI offers it: the status. `undefined` if Swagger UI asks for a required value and sends nothing. */
async function execute(operation: Locator): Promise<number | undefined> {
  await click(operation.locator('.opblock-summary-control'));
  await operation.getByRole('button', { name: 'Execute' }).waitFor();
  const statuses: number[] = [];
  const method = (await operation.locator('.opblock-summary-method').textContent())?.trim();
  const note = (response: Response): void => {
    if (response.request().method() === method && !response.url().includes('/docs')) statuses.push(response.status());
  };
  page.on('response', note);
  await click(operation.getByRole('button', { name: 'Execute' }));
  await expect
    .poll(async () => statuses.length + (await operation.locator('input.invalid').count()), { timeout: 20_000 })
    .toBeGreaterThan(0);
  page.off('response', note);
  await click(operation.locator('.opblock-summary-control'));
  return statuses[0];
}

describe('Swagger UI as it is offered, with nothing filled in', { timeout: 240_000 }, () => {
  it('executes every GET without an error response', async () => {
    const sent: string[] = [];
    const asked: string[] = [];
    const count = await operations('get').count();
    for (let index = 0; index < count; index += 1) {
      const operation = operations('get').nth(index);
      const id = await idOf(operation);
      const status = await execute(operation);
      if (status === undefined) asked.push(id);
      else sent.push(`${id} ${String(status)}`);
    }
    // What a recorded kernel tree cannot do is 501.
    expect(sent.filter((each) => !each.endsWith(' 200'))).toEqual([
      'streamEvents 501',
      'listExpectations 501',
      'listBlocks 501',
      'listNamespaces 501',
    ]);
    expect(asked.toSorted()).toEqual(['getEntry', 'readChange', 'readTokenRecord', 'readWebhook']);
    expect(sent.length + asked.length).toBe(count);
    expect(sent.length).toBeGreaterThan(18);
  });

  it('changes nothing when every operation is executed that it can send', async () => {
    const before = await service.send<{ readonly items: readonly unknown[] }>('GET', '/changes');
    const sent: string[] = [];
    for (const method of ['put', 'post', 'patch', 'delete']) {
      const count = await operations(method).count();
      for (let index = 0; index < count; index += 1) {
        const operation = operations(method).nth(index);
        const id = await idOf(operation);
        const status = ['createToken', 'createWebhook'].includes(id) ? undefined : await execute(operation);
        if (status !== undefined) sent.push(`${id} ${String(status)}`);
      }
    }
    expect(sent.toSorted()).toEqual([
      'changeSettings 200',
      'configureDesired 200',
      'configureGuard 200',
      'deleteEntries 501',
      'endConnections 501',
      'flushEntries 501',
      'loadModule 200',
      'rollBackTo 200',
      'unpersistSettings 200',
      'updateEntries 501',
    ]);
    expect(await service.send('GET', '/changes')).toEqual(before);
  });

  it('shows the body of a change and its Execute button without much scrolling', async () => {
    await page.reload();
    const operation = page.locator('[id$="changeSettings"]');
    await click(operation.locator('.opblock-summary-control'));
    const button = operation.getByRole('button', { name: 'Execute' });
    await button.waitFor();
    const [top, end] = [await operation.boundingBox(), await button.boundingBox()];
    expect(((end?.y ?? Infinity) + (end?.height ?? 0) - (top?.y ?? 0)) / SCREEN_PIXELS).toBeLessThan(SCREENS_MAX);
  });

  it('keeps the authorization until the tab is closed, and not on disk', async () => {
    await page.reload();
    await page.locator('[id$="whoAmI"]').waitFor();
    expect(await execute(page.locator('[id$="whoAmI"]'))).toBe(200);
    const stored = await page.evaluate((key) => [sessionStorage.getItem(key), localStorage.length] as const, IN_SESSION);
    expect(stored).toEqual([service.token, 0]);
  });

  it('reports no error in the browser', () => {
    expect(errors).toEqual([]);
  });
});
