import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { startBrowser } from './support/browser.ts';
import { startPartialResponses } from './support/partial-responses.ts';
import { startService, type Service } from './support/service.ts';
import { DESKTOP, signIn, visit, type Visit } from './support/visit.ts';

let browser: Browser;
let service: Service;
let visited: Visit;
beforeAll(async () => {
  browser = await startBrowser();
  service = await startService();
});
afterAll(async () => {
  await browser.close();
  await service.stop();
});
beforeEach(async () => {
  visited = await visit(browser, service, DESKTOP);
});
afterEach(() => visited.close());

it('starts with a field for the token, without requests to the API', async () => {
  await visited.page.getByRole('button', { name: 'Sign in' }).click();
  await visited.page.getByText('Enter a token.').waitFor();
  expect(visited.requests.filter((request) => request.includes('/api/'))).toEqual([]);
});

it('shows why the service refuses a token', async () => {
  const { page } = visited;
  await page.getByLabel('Bearer token').fill('ctapi_000000000000_nonsense');
  await page.getByRole('button', { name: 'Sign in' }).click();
  const alert = page.getByRole('alert');
  await alert.getByText('A valid bearer token is needed').waitFor();
  expect(await alert.innerText()).toContain('UNAUTHENTICATED');
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
});

it('keeps the token in session storage only, across a reload, until sign-out', async () => {
  const { page, requests } = visited;
  await signIn(visited, service.token);
  await page.getByRole('contentinfo').getByText(`conntrack-api ${manifest.version}`, { exact: true }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Table usage' }).waitFor();
  await page.getByRole('radio', { name: 'dark' }).check({ force: true });
  const stored = await page.evaluate(() => ({
    local: JSON.stringify(localStorage),
    session: JSON.stringify(sessionStorage),
    cookies: document.cookie,
    url: location.href,
  }));
  expect(stored.session).toContain(service.token);
  for (const place of [stored.local, stored.cookies, stored.url]) expect(place).not.toContain(service.token);
  expect(requests.filter((request) => request.includes(service.token))).toEqual([]);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Bearer token').waitFor();
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  expect(visited.offences).toEqual([]);
});

it('takes a token from the fragment of its address, and removes it there', async () => {
  const { page, requests } = visited;
  await page.goto(`${service.url}/#token=${service.token}`);
  await page.getByRole('heading', { name: 'Table usage' }).waitFor();
  expect(page.url()).toBe(`${service.url}/`);
  expect(await page.evaluate(() => JSON.stringify(sessionStorage))).toContain(service.token);
  expect(requests.filter((request) => request.includes(service.token))).toEqual([]);
  await page.goBack();
  expect(page.url()).not.toContain(service.token);
});

it('signs out with the reason when the token is revoked', async () => {
  const { page } = visited;
  const { id, token } = await service.send<{ id: string; token: string }>('POST', '/tokens', { name: 'brief', scopes: ['table:read'] });
  await signIn(visited, token);
  await service.send('DELETE', `/tokens/${id}`);
  await page.getByText('TOKEN_REVOKED').waitFor({ timeout: 20_000 });
  await page.getByLabel('Bearer token').waitFor();
});

it('shows the reason for signing out even if another response was incomplete', async () => {
  const { page } = visited;
  const partial = await startPartialResponses();
  const { id, token } = await service.send<{ id: string; token: string }>('POST', '/tokens', { name: 'brief', scopes: ['table:read'] });
  await page.route('**/api/v1/settings', (route) => route.continue({ url: partial.url }));
  await signIn(visited, token);
  await partial.begun;
  await service.send('DELETE', `/tokens/${id}`);
  await page.getByText('TOKEN_REVOKED').waitFor({ timeout: 20_000 });
  // A response that signing out interrupts must not replace the reason.
  await partial.cut;
  await page.waitForTimeout(500);
  expect(await page.getByRole('alert').innerText()).toContain('TOKEN_REVOKED');
  await partial.stop();
});

it('disables what the scopes of the token do not allow, with the reason', async () => {
  const { page } = visited;
  await signIn(visited, await service.tokenWith('table:read'));
  await page.getByRole('region', { name: 'Changes' }).getByText('Token “little” lacks the scope changes:read.').waitFor();
  await page.getByRole('region', { name: 'Top talkers' }).locator('p', { hasText: 'lacks the scope entries:read' }).waitFor();
  const change = page.getByRole('button', { name: 'Change max', exact: true });
  expect(await change.getAttribute('aria-disabled')).toBe('true');
  await change.focus();
  await page.locator('.settings').getByText('Token “little” lacks the scope settings:write.').first().waitFor();
  await page.keyboard.press('Enter');
  expect(await page.getByRole('dialog').count()).toBe(0);
  const closed = visited.requests.filter((request) => /\/changes|\/entries/.test(request));
  expect(closed).toEqual([]);
  expect(visited.offences).toEqual([]);
});
