import type { Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { ACCESS, type Access } from './access.decorator.ts';

export interface DeclaredRoute {
  readonly controller: string;
  readonly handler: string;
  /** Absent when the route forgot. */
  readonly access?: Access;
}

/** Every route of these controllers, with what it declares about who may call it. */
export function declaredAccess(controllers: readonly Type[]): readonly DeclaredRoute[] {
  return controllers.flatMap((controller) => {
    const prototype = controller.prototype as Record<string, unknown>;
    return Object.getOwnPropertyNames(prototype)
      .map((handler) => ({ handler, method: prototype[handler] }))
      .filter(
        ({ method }) =>
          typeof method === 'function' && Reflect.hasMetadata(METHOD_METADATA, method) && Reflect.hasMetadata(PATH_METADATA, method),
      )
      .map(({ handler, method }) => ({ controller: controller.name, handler, ...accessOf(method as object) }));
  });
}

function accessOf(method: object): { readonly access?: Access } {
  const access = Reflect.getMetadata(ACCESS, method) as Access | undefined;
  return access ? { access } : {};
}

/** @throws Error naming the routes that would be open by oversight. */
export function refuseUndeclaredRoutes(controllers: readonly Type[]): void {
  const forgotten = declaredAccess(controllers).filter(({ access }) => access === undefined);
  if (forgotten.length > 0) {
    const names = forgotten.map(({ controller, handler }) => `${controller}.${handler}`);
    throw new Error(`${names.join(', ')}: declare @RequiresScope(…), @AnyToken() or @Open().`);
  }
}
