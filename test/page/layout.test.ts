import { describe, expect, it } from 'vitest';
import { delayResponses } from './support/delayed-responses.ts';
import type { Service } from './support/service.ts';
import { useVisits } from './support/use-visits.ts';
import { DESKTOP, PHONE, signIn, type View, type Visit } from './support/visit.ts';

const TABLET: View = { name: 'tablet', width: 900, height: 1000 };
/** The first requests, in the order of their panels on the page. */
const IN_PAGE_ORDER = ['/table', '/changes/awaiting-confirmation', '/boot', '/table/history', '/settings', '/changes'];
const CASES = [
  { name: 'with responses from top to bottom', paths: IN_PAGE_ORDER, prepare: () => Promise.resolve() },
  { name: 'with long responses from bottom to top', paths: IN_PAGE_ORDER.toReversed(), prepare: fillPanels },
];

/** Fills the table and leaves a change awaiting confirmation, so that every panel has content. */
async function fillPanels(service: Service): Promise<void> {
  await service.setKernel('count', 62_000);
  await service.send('PATCH', '/settings', { settings: { max: 65_536, buckets: 32_768 }, persist: true, reason: 'shorter chains' });
  const settings = { tcp_timeout_established: 86_400 };
  await service.send('PATCH', '/settings', { settings, reason: 'idle flows fill the table', confirmWithinSeconds: 600 });
}

/** The layout shifts and their sum. This is stricter than web.dev, which counts the worst five seconds. */
async function layoutShift(visited: Visit): Promise<{ readonly score: number; readonly description: string }> {
  const shifts = await visited.shifts();
  return {
    score: shifts.reduce((sum, { score }) => sum + score, 0),
    description: shifts.map(({ score, sources }) => `${score.toFixed(4)}: ${sources.join('; ')}`).join('\n'),
  };
}

describe.each([DESKTOP, TABLET, PHONE])('at the width of a $name', (view) => {
  const stage = useVisits(view);

  it.each(CASES)('fits the width and does not shift visible content, $name', async ({ paths, prepare }) => {
    const { service, visited } = stage;
    const { page } = visited;
    await prepare(service);
    const responded = await delayResponses(page, paths);
    await signIn(visited, service.token);
    await responded();
    await page.getByText('Highest count recorded').waitFor();
    // The next responses do not shift content, either.
    await page.waitForResponse((response) => response.url().endsWith('/api/v1/table'));
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
    const { score, description } = await layoutShift(visited);
    expect(score, description).toBeLessThan(0.02);
  });
});
