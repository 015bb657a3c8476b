/** A network namespace other than that of the service. */
export interface NamespaceRef {
  /** As `ip netns` lists it. Another namespace may have it later. */
  readonly name: string;
  /** Never that of another namespace, also not after a reboot. It starts with the boot id. */
  readonly identity: string;
}

/** What the journal and the confirmation state know a setting by: each network namespace has its own. @param namespace absent: the service's */
export function subjectIn(namespace: NamespaceRef | undefined, name: string): string {
  return namespace ? `${name}@${namespace.identity}` : name;
}

/** Absent both: the service's own. */
export function isSameNamespace(a: NamespaceRef | undefined, b: NamespaceRef | undefined): boolean {
  return a?.identity === b?.identity;
}
