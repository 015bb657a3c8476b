import type { HostCapabilities } from '../domain/capabilities.ts';

const BOOT = 'Boot files set values of the initial network namespace only';

/** Why boot files never set the values of a named network namespace. */
export function notPersistableIn(name: string): string {
  return `${BOOT}, and ${name} does not outlive a reboot.`;
}

/** The same for the network namespace of the service, if it is not the initial one. */
export function notPersistableHere(namespace: HostCapabilities['namespace']): { readonly notPersistable?: string } {
  if (namespace !== 'child') return {};
  return { notPersistable: `The service runs in a child network namespace. ${BOOT}, and this one does not outlive a reboot.` };
}
