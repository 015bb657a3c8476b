import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { Scope } from '../../domain/token.ts';

/** Who may call a route. Every route must declare it: the service does not start otherwise. */
export type Access =
  | { readonly kind: 'open' }
  /** `orOpenMetrics`: no token is needed if the service runs with `--open-metrics`. */
  | { readonly kind: 'token'; readonly scopes: readonly Scope[]; readonly orOpenMetrics?: true };

export const ACCESS = 'conntrack-api:access';

/** Requires a valid token with all of these scopes. */
export function RequiresScope(...scopes: readonly [Scope, ...Scope[]]): MethodDecorator {
  return withToken(scopes);
}

/** Like {@link RequiresScope}, but needs no token if the service runs with `--open-metrics`. */
export function RequiresScopeUnlessOpenMetrics(...scopes: readonly [Scope, ...Scope[]]): MethodDecorator {
  return withToken(scopes, { orOpenMetrics: true });
}

/** Requires any valid token. */
export function AnyToken(): MethodDecorator {
  return withToken([]);
}

/** Requires no token. For probes and documents, which reveal nothing about the host's traffic. */
export function Open(): MethodDecorator {
  return SetMetadata(ACCESS, { kind: 'open' } satisfies Access);
}

function withToken(scopes: readonly Scope[], options: { readonly orOpenMetrics?: true } = {}): MethodDecorator {
  const access: Access = { kind: 'token', scopes, ...options };
  return applyDecorators(SetMetadata(ACCESS, access), ApiExtension('x-required-scopes', scopes));
}
