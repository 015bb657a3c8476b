import { isSameNamespace, type NamespaceRef } from '../../domain/namespace.ts';
import { isNamespaceGone, namespaceReplaced } from '../../domain/namespace-errors.ts';
import type { LiveSettings } from '../../domain/setting.ts';
import type { KernelSettings } from '../ports/kernel.ts';

/** Whose settings: those of the network namespace of this name now; of exactly this one; `undefined`: of the service's own. */
export type ChangeTarget = string | NamespaceRef | undefined;

/** @throws ConntrackError as `KernelSettings.readIfLoaded`; `NAMESPACE_REPLACED` if the name now belongs to another namespace than the given one */
export async function readTarget(kernel: KernelSettings, target: ChangeTarget): Promise<LiveSettings> {
  if (target === undefined || typeof target === 'string') return kernel.readIfLoaded(target);
  const live = await kernel.read(target.name);
  if (isSameNamespace(live.namespace, target)) return live;
  throw namespaceReplaced(target.name);
}

/** The same. A namespace that is gone, for example after a reboot, has no settings. @throws ConntrackError as `KernelSettings.read` */
export async function readTargetOrGone(kernel: KernelSettings, target: NamespaceRef | undefined): Promise<LiveSettings> {
  const own = await kernel.readIfLoaded();
  if (target === undefined) return own;
  const gone = { ...own, namespace: target, settings: [] };
  if (own.bootId !== undefined && !target.identity.startsWith(`${own.bootId}:`)) return gone;
  try {
    return await readTarget(kernel, target);
  } catch (error) {
    if (isNamespaceGone(error)) return gone;
    throw error;
  }
}
