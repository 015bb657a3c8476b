import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { Scope } from '../../domain/token.ts';

/** Who may call a route: nobody without it, so a route that declares nothing does not start. */
export type Access = { readonly kind: 'open' } | { readonly kind: 'token'; readonly scopes: readonly Scope[] };

export const ACCESS = 'conntrack-api:access';

/** A valid token with all of these scopes. */
export function RequiresScope(...scopes: readonly [Scope, ...Scope[]]): MethodDecorator {
  return withToken(scopes);
}

/** Any valid token. */
export function AnyToken(): MethodDecorator {
  return withToken([]);
}

/** No token: for probes and documents, which tell nothing about the host's traffic. */
export function Open(): MethodDecorator {
  return SetMetadata(ACCESS, { kind: 'open' } satisfies Access);
}

function withToken(scopes: readonly Scope[]): MethodDecorator {
  const access: Access = { kind: 'token', scopes };
  return applyDecorators(SetMetadata(ACCESS, access), ApiExtension('x-required-scopes', scopes));
}
