import { existsSync, readFileSync } from 'node:fs';

const MODULES = '/proc/modules';

/** False also for what is built into the kernel: then nfnetlink, which is needed for the list, is too, or there are no modules at all. */
export function isNotLoaded(module: string): boolean {
  if (!existsSync(MODULES)) return false;
  const modules = readFileSync(MODULES, 'latin1');
  return /^nfnetlink /m.test(modules) && !new RegExp(`^${module} `, 'm').test(modules);
}
