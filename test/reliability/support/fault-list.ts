import { isRandom, type Call } from './calls.ts';
import type { Effect } from './tracer.ts';

export interface Fault {
  readonly call: Call;
  readonly effect: Effect;
  /** It stays: every later call that would have counted meets it too. */
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

/** What fills up, wears out or is mounted read-only does not come back at the next call. */
const LASTING = ['ENOSPC', 'EROFS', 'EIO'];
const MOVING = ['fsync', 'fdatasync', 'ftruncate', 'pwrite64', 'rename', 'write', 'unlink', 'mkdir'];

/** All the faults that these calls can meet. */
export function faultsAt(calls: readonly Call[]): Fault[] {
  return calls.flatMap((call) => {
    const errors = ERRORS[call.syscall] ?? [];
    const once = errors.map((name): Fault => ({ call, effect: `error=${name}`, onwards: false }));
    const lasting = once.filter(({ effect }) => MOVING.includes(call.syscall) && LASTING.some((name) => effect.endsWith(name)));
    return [...once, ...lasting.filter(() => !isRandom(call)).map((fault) => ({ ...fault, onwards: true })), ...lies(call)];
  });
}

/**
 * A write that did nothing and says that it did all of it (`31\n` is 3 bytes), or a part. Only to the kernel and the boot files: what a disk
 * claims to have taken for the journal is gone with the power, and nothing but a second disk would know.
 */
function lies(call: Call): Fault[] {
  if (call.syscall !== 'write') return [];
  const effects: Effect[] = call.target.startsWith('/proc/') ? ['retval=3', 'retval=1'] : ['retval=1'];
  return effects.map((effect) => ({ call, effect, onwards: false }));
}
