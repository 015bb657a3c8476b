import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { startBrowser } from './browser.ts';
import { startService, type Service } from './service.ts';
import { visit, type View, type Visit } from './visit.ts';

export interface Stage {
  readonly service: Service;
  readonly visited: Visit;
}

/** One browser for the enclosing block, with a service and a visit for each test. Read its properties within a test. */
export function useVisits(view: View): Stage {
  let browser: Browser;
  let service: Service;
  let visited: Visit;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    service = await startService();
    visited = await visit(browser, service, view);
  });
  afterEach(async () => {
    await visited.close();
    await service.stop();
  });
  return {
    get service() {
      return service;
    },
    get visited() {
      return visited;
    },
  };
}
