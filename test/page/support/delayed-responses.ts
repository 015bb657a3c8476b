import type { Page } from 'playwright-core';

/** More than 500 ms after a click, during which layout shifts do not count. */
const FIRST_MILLISECONDS = 800;
const APART_MILLISECONDS = 300;

/**
 * Delays the first responses so that they arrive one by one, in this order. Call it before the requests are sent.
 *
 * @returns waits until all of them have arrived
 */
export async function delayResponses(page: Page, paths: readonly string[]): Promise<() => Promise<void>> {
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
  const responses = Promise.all(
    paths.map((path) => page.waitForResponse((response) => urlOf(path)(new URL(response.url())), { timeout: 30_000 })),
  );
  return async () => {
    await responses;
  };
}
