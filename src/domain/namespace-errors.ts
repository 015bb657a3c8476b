import { ConntrackError } from './conntrack-error.ts';

export function namespaceReplaced(name: string): ConntrackError {
  return new ConntrackError('NAMESPACE_REPLACED', `The network namespace ${name} was deleted, and another one has its name now.`, {
    remedy: 'Read its settings (GET /settings?namespace=), and decide again.',
  });
}

/** Whether the namespace that was requested no longer exists, and its values with it. */
export function isNamespaceGone(error: unknown): boolean {
  return error instanceof ConntrackError && (error.code === 'NAMESPACE_NOT_FOUND' || error.code === 'NAMESPACE_REPLACED');
}
