import type { HelperModules } from '../../domain/helper.ts';

/** The helper modules of the kernel that are loaded or built in. Loads none. */
export abstract class KernelHelpers {
  /** @throws ConntrackError `CONNTRACK_NOT_LOADED` */
  abstract read(): Promise<HelperModules>;
}
