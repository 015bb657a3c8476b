import { IPPROTO } from './entry-view.ts';

const NAMES = new Map<number, string>(Object.entries(IPPROTO).map(([name, number]) => [number, name]));

/** As the kernel prints it (`l4proto_name`): `unknown` for what it tracks without knowing more of it. */
export function protocolName(protocol: number): string {
  return NAMES.get(protocol) ?? 'unknown';
}
