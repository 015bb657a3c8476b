import type { Provider } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { EndStreams } from './access/end-streams.ts';
import { ScopeGuard } from './access/scope.guard.ts';
import { ChangeDocuments } from '../application/ports/webhooks.ts';
import { FollowJournal } from './changes/follow-journal.ts';
import { ChangeDto } from './documents/change.dto.ts';
import type { HttpOptions } from './edge/http-options.ts';
import { KnownQueryGuard } from './input/known-query.guard.ts';
import { StrictInputPipe } from './input/strict-input.pipe.ts';
import { KnownRoutes } from './edge/known-routes.ts';
import { RateLimits } from './limits/rate-limits.ts';
import { CollectMetrics } from './metrics/collect-metrics.ts';
import { HttpMetrics } from './metrics/http-metrics.ts';
import { SettingsEtag } from './preconditions/settings-etag.ts';
import { ProblemFilter } from './problem/problem.filter.ts';

/** A receiver of webhooks sees no addresses of entries. */
const NO_SCOPES = { scopes: [] } as const;

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
    { provide: ChangeDocuments, useValue: { of: (change) => ChangeDto.of(change, NO_SCOPES) } satisfies ChangeDocuments },
    { provide: APP_GUARD, useClass: ScopeGuard },
    { provide: APP_GUARD, useClass: KnownQueryGuard },
    { provide: APP_PIPE, useClass: StrictInputPipe },
    { provide: APP_FILTER, useFactory: (routes: KnownRoutes) => new ProblemFilter(routes), inject: [KnownRoutes] },
  ];
}
