import type { Page } from 'playwright-core';

/** More than the 500 ms after a click in which movements do not count: not one is left out only because this machine is fast. */
const FIRST_MILLISECONDS = 800;
const APART_MILLISECONDS = 300;

/**
 * Makes the first answers come one by one, in this order. To be called before they are asked for.
 *
 * @returns resolves when all of them came
 */
export async function answerLate(page: Page, paths: readonly string[]): Promise<() => Promise<void>> {
  const urlOf = (path: string) => (url: URL) => url.pathname === `/api/v1${path}`;
  for (const [index, path] of paths.entries()) {
    let isFirst = true;
    await page.route(urlOf(path), async (route) => {
      const wait = isFirst ? FIRST_MILLISECONDS + index * APART_MILLISECONDS : 0;
      isFirst = false;
      await new Promise((resolve) => setTimeout(resolve, wait));
      await route.fallback();
    });
  }
  const answers = Promise.all(
    paths.map((path) => page.waitForResponse((response) => urlOf(path)(new URL(response.url())), { timeout: 30_000 })),
  );
  return async () => {
    await answers;
  };
}
