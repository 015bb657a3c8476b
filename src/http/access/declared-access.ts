import type { Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { ACCESS, type Access } from './access.decorator.ts';

export interface DeclaredRoute {
  readonly controller: string;
  readonly handler: string;
  /** Absent if the route declares none. */
  readonly access?: Access;
}

/** Every route of these controllers, with its declared access. */
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

/** @throws Error naming the routes that declare no access. */
export function refuseUndeclaredRoutes(controllers: readonly Type[]): void {
  const undeclared = declaredAccess(controllers).filter(({ access }) => access === undefined);
  if (undeclared.length > 0) {
    const names = undeclared.map(({ controller, handler }) => `${controller}.${handler}`);
    throw new Error(`${names.join(', ')}: declare @RequiresScope(…), @AnyToken() or @Open().`);
  }
}
