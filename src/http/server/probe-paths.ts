/** Kubernetes requests probes often, by IP address and without a token. They reveal nothing about the host. */
const PROBES = ['/healthz', '/readyz'];

export function isProbe(url: string): boolean {
  return PROBES.includes(url.split('?', 1)[0] ?? '');
}
