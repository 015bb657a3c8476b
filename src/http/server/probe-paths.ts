/** Asked by address and not by name, without a token, again and again; they tell nothing about the host. */
const PROBES = ['/healthz', '/readyz'];

export function isProbe(url: string): boolean {
  return PROBES.includes(url.split('?', 1)[0] ?? '');
}
