import { describe, expect, it } from 'vitest';
import { answerLate } from './support/late.ts';
import type { Service } from './support/service.ts';
import { useVisits } from './support/use-visits.ts';
import { DESKTOP, PHONE, signIn, type View, type Visit } from './support/visit.ts';

const TABLET: View = { name: 'tablet', width: 900, height: 1000 };
/** What is asked for at first, by the place on the screen of what it answers. */
const ON_THE_SCREEN = ['/table', '/changes/awaiting-confirmation', '/boot', '/table/history', '/settings', '/changes'];
const CASES = [
  { name: 'answered from the top down', paths: ON_THE_SCREEN, prepare: () => Promise.resolve() },
  { name: 'answered from the bottom up with much to say', paths: ON_THE_SCREEN.toReversed(), prepare: makeEventful },
];

/** A table nearly full, and a change that waits to be confirmed: every panel has something to say. */
async function makeEventful(service: Service): Promise<void> {
  await service.setKernel('count', 62_000);
  await service.ask('PATCH', '/settings', { settings: { max: 65_536, buckets: 32_768 }, persist: true, reason: 'shorter chains' });
  const settings = { tcp_timeout_established: 86_400 };
  await service.ask('PATCH', '/settings', { settings, reason: 'idle flows fill the table', confirmWithinSeconds: 600 });
}

/** Movements in words, and their sum: web.dev takes the worst five seconds, so this is the stricter. */
async function moved(visited: Visit): Promise<{ readonly score: number; readonly told: string }> {
  const movements = await visited.movements();
  return {
    score: movements.reduce((sum, { score }) => sum + score, 0),
    told: movements.map(({ score, sources }) => `${score.toFixed(4)}: ${sources.join('; ')}`).join('\n'),
  };
}

describe.each([DESKTOP, TABLET, PHONE])('at the width of a $name', (view) => {
  const stage = useVisits(view);

  it.each(CASES)('fits the width, and moves nothing that is on the screen already, $name', async ({ paths, prepare }) => {
    const { service, visited } = stage;
    const { page } = visited;
    await prepare(service);
    const answered = await answerLate(page, paths);
    await signIn(visited, service.token);
    await answered();
    await page.getByText('Highest ever seen').waitFor();
    // The next round of answers moves nothing either.
    await page.waitForResponse((response) => response.url().endsWith('/api/v1/table'));
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
    const { score, told } = await moved(visited);
    expect(score, told).toBeLessThan(0.02);
  });
});
