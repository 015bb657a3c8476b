import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { Scope } from '../../domain/token.ts';

/** Who may call a route: nobody without it, so a route that declares nothing does not start. */
export type Access =
  | { readonly kind: 'open' }
  /** `orOpenMetrics`: none is needed where the service is configured to serve its metrics openly. */
  | { readonly kind: 'token'; readonly scopes: readonly Scope[]; readonly orOpenMetrics?: true };

export const ACCESS = 'conntrack-api:access';

/** A valid token with all of these scopes. */
export function RequiresScope(...scopes: readonly [Scope, ...Scope[]]): MethodDecorator {
  return withToken(scopes);
}

/** The same, unless the service was started with --open-metrics. */
export function RequiresScopeUnlessOpenMetrics(...scopes: readonly [Scope, ...Scope[]]): MethodDecorator {
  return withToken(scopes, { orOpenMetrics: true });
}

/** Any valid token. */
export function AnyToken(): MethodDecorator {
  return withToken([]);
}

/** No token: for probes and documents, which tell nothing about the host's traffic. */
export function Open(): MethodDecorator {
  return SetMetadata(ACCESS, { kind: 'open' } satisfies Access);
}

function withToken(scopes: readonly Scope[], exception: { readonly orOpenMetrics?: true } = {}): MethodDecorator {
  const access: Access = { kind: 'token', scopes, ...exception };
  return applyDecorators(SetMetadata(ACCESS, access), ApiExtension('x-required-scopes', scopes));
}
