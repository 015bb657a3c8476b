import type { Provider } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { EndStreams } from './access/end-streams.ts';
import { ScopeGuard } from './access/scope.guard.ts';
import { FollowJournal } from './changes/follow-journal.ts';
import type { HttpOptions } from './edge/http-options.ts';
import { KnownQueryGuard } from './input/known-query.guard.ts';
import { StrictInputPipe } from './input/strict-input.pipe.ts';
import { KnownRoutes } from './edge/known-routes.ts';
import { RateLimits } from './limits/rate-limits.ts';
import { CollectMetrics } from './metrics/collect-metrics.ts';
import { HttpMetrics } from './metrics/http-metrics.ts';
import { SettingsEtag } from './preconditions/settings-etag.ts';
import { ProblemFilter } from './problem/problem.filter.ts';

/** Guards, pipes and filters of every route, in this order, and what they need. */
export function httpProviders({ rateLimit }: Pick<HttpOptions, 'rateLimit'>): Provider[] {
  return [
    { provide: KnownRoutes, useValue: new KnownRoutes() },
    SettingsEtag,
    { provide: HttpMetrics, useValue: new HttpMetrics() },
    CollectMetrics,
    { provide: RateLimits, useValue: new RateLimits(rateLimit) },
    EndStreams,
    FollowJournal,
    { provide: APP_GUARD, useClass: ScopeGuard },
    { provide: APP_GUARD, useClass: KnownQueryGuard },
    { provide: APP_PIPE, useClass: StrictInputPipe },
    { provide: APP_FILTER, useFactory: (routes: KnownRoutes) => new ProblemFilter(routes), inject: [KnownRoutes] },
  ];
}
