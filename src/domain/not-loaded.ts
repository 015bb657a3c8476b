import { ConntrackError } from './conntrack-error.ts';

export const LOAD_REMEDY =
  'POST /api/v1/module/load loads it, or names the line that keeps it from loading. To load it manually, run: modprobe nf_conntrack';

export function notLoaded(why: string): ConntrackError {
  return new ConntrackError('CONNTRACK_NOT_LOADED', `Connection tracking is not loaded: ${why}.`, { remedy: LOAD_REMEDY });
}
