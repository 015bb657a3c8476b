import { isRandom, type Call } from './calls.ts';
import type { Effect } from './tracer.ts';

export interface Fault {
  readonly call: Call;
  readonly effect: Effect;
  /** Whether every later matching call fails too. */
  readonly onwards: boolean;
}

export function describeFault({ call, effect, onwards }: Fault): string {
  const { thread, syscall, ordinal, target } = call;
  return `${syscall} ${ordinal}${onwards ? ' and all later ones' : ''} of the ${thread} thread on ${target}: ${effect}`;
}

const ERRORS: Readonly<Record<string, readonly string[]>> = {
  chmod: ['EROFS'],
  close: ['EIO'],
  fchmod: ['EPERM'],
  fchown: ['EPERM'],
  fcntl: ['EIO'],
  fdatasync: ['EIO', 'ENOSPC'],
  fsync: ['EIO', 'ENOSPC'],
  ftruncate: ['ENOSPC', 'EIO'],
  getdents64: ['EIO'],
  mkdir: ['EROFS', 'ENOSPC'],
  mmap: ['ENOMEM'],
  newfstatat: ['EIO'],
  openat: ['EROFS', 'EPERM', 'ENOMEM'],
  pread64: ['EIO'],
  pwrite64: ['ENOSPC', 'EIO'],
  read: ['EIO', 'ENOMEM'],
  readlink: ['EIO'],
  rename: ['ENOSPC', 'EROFS'],
  statx: ['EIO', 'ENOMEM'],
  unlink: ['EPERM', 'EROFS'],
  write: ['ENOSPC', 'EIO', 'EINVAL', 'EPERM'],
};

/** Errors that persist: a disk that is full, broken or read-only does not recover by the next call. */
const LASTING = ['ENOSPC', 'EROFS', 'EIO'];
const MODIFYING = ['fsync', 'fdatasync', 'ftruncate', 'pwrite64', 'rename', 'write', 'unlink', 'mkdir'];

/** All faults for these calls. */
export function faultsAt(calls: readonly Call[]): Fault[] {
  return calls.flatMap((call) => {
    const errors = ERRORS[call.syscall] ?? [];
    const once = errors.map((name): Fault => ({ call, effect: `error=${name}`, onwards: false }));
    const lasting = once.filter(({ effect }) => MODIFYING.includes(call.syscall) && LASTING.some((name) => effect.endsWith(name)));
    return [...once, ...lasting.filter(() => !isRandom(call)).map((fault) => ({ ...fault, onwards: true })), ...falseResults(call)];
  });
}

/**
 * A write that does nothing but returns that it wrote everything (`31\n` is 3 bytes) or a part. Only for the kernel's files and the boot
 * files: no program could detect that a disk did not store what it acknowledged for the journal.
 */
function falseResults(call: Call): Fault[] {
  if (call.syscall !== 'write') return [];
  const effects: Effect[] = call.target.startsWith('/proc/') ? ['retval=3', 'retval=1'] : ['retval=1'];
  return effects.map((effect) => ({ call, effect, onwards: false }));
}
