import type { Locator, Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { useVisits, type Stage } from './support/use-visits.ts';
import { DESKTOP, PHONE, signIn } from './support/visit.ts';

interface SettingDocument {
  readonly value: number;
}

const live = async ({ service }: Stage, name: string): Promise<number> =>
  (await service.send<SettingDocument>('GET', `/settings/${name}`)).value;

/** The seconds left on the countdown. */
async function secondsLeft(page: Page): Promise<number> {
  const [minutes = '', seconds = ''] = (await page.getByRole('timer').innerText()).split(':');
  return Number(minutes) * 60 + Number(seconds);
}

interface Typed {
  readonly max?: string;
  readonly buckets?: string;
  readonly reason?: string;
  readonly windowSeconds?: string;
}

/** Twice the max and four times the buckets: a change without risks. */
const ROOMY: Typed = { max: '131,072', buckets: '65536' };

async function planChange(page: Page, { max = '', buckets = '', reason = '', windowSeconds = '60' }: Typed): Promise<Locator> {
  await page.getByRole('button', { name: 'Change max', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Change max and buckets' });
  await dialog.getByLabel('max', { exact: true }).fill(max);
  await dialog.getByLabel('buckets', { exact: true }).fill(buckets);
  await dialog.getByLabel('Reason').fill(reason);
  await dialog.getByLabel('Roll back unless confirmed within').fill(windowSeconds);
  await dialog.getByRole('button', { name: 'Show plan' }).click();
  await dialog.getByRole('heading', { name: 'Risks' }).waitFor();
  return dialog;
}

describe.each([DESKTOP, PHONE])('at the width of a $name', (view) => {
  const stage = useVisits(view);

  it('raises max with a confirmation window, counts down, confirms, and rolls back as planned', async () => {
    const { service, visited } = stage;
    const { page, offences, requests } = visited;
    await signIn(visited, service.token);
    const gauge = page.getByRole('meter', { name: 'count of max' });
    await gauge.getByText('3.1 %').waitFor();
    expect(await gauge.getAttribute('aria-valuetext')).toBe('3.1 %');
    expect(await page.getByRole('note').innerText()).toContain('Simulated');

    const dialog = await planChange(page, { ...ROOMY, reason: 'black friday', windowSeconds: '120' });
    expect(await dialog.innerText()).toMatch(/buckets 16,384 → 65,536\s+max 65,536 → 131,072/);
    expect(await live(stage, 'max')).toBe(65_536);
    await dialog.getByRole('button', { name: 'Apply' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await live(stage, 'max')).toBe(131_072);

    const awaiting = page.getByRole('region', { name: 'Awaiting confirmation' });
    await awaiting.getByText('Change 1: buckets 16,384 → 65,536, max 65,536 → 131,072').waitFor();
    const before = await secondsLeft(page);
    expect(before).toBeGreaterThan(100);
    expect(before).toBeLessThanOrEqual(120);
    await page.waitForTimeout(2_500);
    expect(await secondsLeft(page)).toBeLessThanOrEqual(before - 2);

    await awaiting.getByRole('button', { name: 'Confirm change 1' }).click();
    await awaiting.getByText('No changes awaiting confirmation.').waitFor();
    const changes = page.getByRole('region', { name: 'Changes' });
    await changes.getByText('confirmation of 1').waitFor();
    expect((await service.send<{ items: unknown[] }>('GET', '/changes/awaiting-confirmation')).items).toEqual([]);

    await changes.getByRole('button', { name: 'Roll back change 1' }).click();
    const rollback = page.getByRole('dialog', { name: 'Roll back change 1' });
    await rollback.getByText('max 131,072 → 65,536').waitFor();
    expect(await live(stage, 'max')).toBe(131_072);
    await rollback.getByLabel('Reason').fill('over');
    await rollback.getByRole('button', { name: 'Roll back', exact: true }).click();
    await rollback.waitFor({ state: 'detached' });
    await changes.getByText('rollback of 1').waitFor();
    expect(await live(stage, 'max')).toBe(65_536);

    const recorded = await service.send<{ items: { kind: string; reason: string | null }[] }>('GET', '/changes');
    expect(recorded.items.map(({ kind, reason }) => [kind, reason])).toEqual([
      ['rollback', 'over'],
      ['confirmation', null],
      ['change', 'black friday'],
    ]);
    expect(offences).toEqual([]);
    expect(requests.filter((request) => request.includes(service.token))).toEqual([]);
  });
});

describe('the table', () => {
  const stage = useVisits(DESKTOP);

  it('is announced as nearly full while the page can still be used', async () => {
    const { page } = stage.visited;
    await signIn(stage.visited, stage.service.token);
    const warning = page.getByRole('status').getByText('Keep it open: its connection continues.');
    await page.getByRole('meter').getByText('3.1 %').waitFor();
    expect(await warning.count()).toBe(0);
    await stage.service.setKernel('count', 49_500);
    await warning.waitFor();
    await stage.service.setKernel('count', 40_000);
    await warning.waitFor({ state: 'detached' });
  });
});

describe('a change', () => {
  const stage = useVisits(DESKTOP);
  beforeEach(() => signIn(stage.visited, stage.service.token));
  afterEach(() => {
    expect(stage.visited.offences.filter((offence) => !/status of 4\d\d/.test(offence))).toEqual([]);
  });

  it('that is not confirmed is rolled back automatically', async () => {
    const { page } = stage.visited;
    const dialog = await planChange(page, { ...ROOMY, windowSeconds: '10' });
    await dialog.getByRole('button', { name: 'Apply' }).click();
    await page.getByRole('region', { name: 'Awaiting confirmation' }).getByText('Change 1: buckets').waitFor();
    await page.getByRole('region', { name: 'Changes' }).getByText('automatic rollback of 1').waitFor({ timeout: 30_000 });
    await page.getByText('No changes awaiting confirmation.').waitFor();
    expect(await live(stage, 'max')).toBe(65_536);
  });

  it('with a dangerous risk is applied only after the risk is accepted', async () => {
    const { page } = stage.visited;
    const dialog = await planChange(page, { max: '1000' });
    const apply = dialog.getByRole('button', { name: 'Apply' });
    await apply.click({ force: true });
    await dialog.getByText('Accept first: MAX_BELOW_COUNT').waitFor();
    expect(await live(stage, 'max')).toBe(65_536);
    await dialog.getByLabel('I accept MAX_BELOW_COUNT').check();
    await apply.click();
    await dialog.waitFor({ state: 'detached' });
    expect(await live(stage, 'max')).toBe(1_000);
  });

  it('with a refused risk cannot be applied', async () => {
    const { page } = stage.visited;
    const dialog = await planChange(page, { max: '2,000,000,000' });
    await dialog.getByRole('button', { name: 'Apply' }).click({ force: true });
    await dialog.getByText('Refused because of MAX_MEMORY').waitFor();
    expect(await live(stage, 'max')).toBe(65_536);
  });

  it('with an invalid number is refused, with an error at the field', async () => {
    const { page } = stage.visited;
    await page.getByRole('button', { name: 'Change max', exact: true }).click();
    const field = page.getByLabel('max', { exact: true });
    await field.fill('0x20');
    await page.getByRole('button', { name: 'Show plan' }).click();
    await page.getByText('Expected a whole number from 1 to 2,147,483,647.').waitFor();
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    expect(stage.visited.requests.filter((request) => request.startsWith('PATCH'))).toEqual([]);
  });

  it('is refused with a remedy when the host has changed since the plan', async () => {
    const { page } = stage.visited;
    const dialog = await planChange(page, ROOMY);
    await stage.service.send('PATCH', '/settings', { settings: { udp_timeout: 45 } });
    await dialog.getByRole('button', { name: 'Apply' }).click();
    await dialog.getByRole('alert').getByText('PRECONDITION_FAILED').waitFor();
    expect(await live(stage, 'max')).toBe(65_536);
  });

  it('is not rolled back over later changes unless the user chooses to overwrite them', async () => {
    const { page } = stage.visited;
    await stage.service.send('PATCH', '/settings', { settings: { udp_timeout: 45 } });
    await stage.service.send('PATCH', '/settings', { settings: { udp_timeout: 50 } });
    await page.getByRole('button', { name: 'Roll back change 1' }).click({ timeout: 20_000 });
    const dialog = page.getByRole('dialog', { name: 'Roll back change 1' });
    await dialog.getByText('STATE_CHANGED').waitFor();
    await dialog.getByText('udp_timeout: expected 45, found 50, changed by change 2').waitFor();
    await dialog.getByLabel('Overwrite later changes').click();
    await dialog.getByText('udp_timeout 50 → 30').waitFor();
    expect(await live(stage, 'udp_timeout')).toBe(50);
    await dialog.getByRole('button', { name: 'Roll back', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await live(stage, 'udp_timeout')).toBe(30);
  });

  it('made outside this service is shown as drift', async () => {
    const { page } = stage.visited;
    await stage.service.send('PATCH', '/settings', { settings: { udp_timeout: 45 } });
    await stage.service.setKernel('udp_timeout', 50);
    await page.locator('summary', { hasText: 'Other timeouts' }).click();
    await page.getByText('Changed outside this service from 45 s').waitFor({ timeout: 30_000 });
    await page.getByRole('region', { name: 'Changes' }).getByText('changed outside this service').waitFor();
  });
});
