import koffi from 'koffi';

const libc = koffi.load(null);
const clockGetTime = libc.func('int clock_gettime(int clock, void *time)') as (clock: number, time: BigInt64Array) => number;
const getResourceUsage = libc.func('int getrusage(int who, void *usage)') as (who: number, usage: BigInt64Array) => number;

const RUSAGE_CHILDREN = -1;
/** 64-bit words of `struct rusage`, which begins with user and system time as seconds and microseconds. */
const RUSAGE_WORDS = 18;
/** `CPUCLOCK_SCHED`, which clock_getcpuclockid(3) combines with the process id. */
const CPU_CLOCK_OF_PROCESS = 2;

/** CPU seconds, user and system, that a process has used, including ended threads. Resolution: one nanosecond. */
export function cpuSecondsOf(pid: number): number {
  const time = new BigInt64Array(2);
  if (clockGetTime((~pid << 3) | CPU_CLOCK_OF_PROCESS, time) !== 0)
    throw new Error(`Expected a CPU clock of process ${pid}: the process has ended.`);
  return Number(time[0]) + Number(time[1]) / 1e9;
}

/** CPU seconds of all ended children of this process and their children. Resolution: one microsecond. */
export function cpuSecondsOfChildren(): number {
  const usage = new BigInt64Array(RUSAGE_WORDS);
  getResourceUsage(RUSAGE_CHILDREN, usage);
  return Number((usage[0] ?? 0n) + (usage[2] ?? 0n)) + Number((usage[1] ?? 0n) + (usage[3] ?? 0n)) / 1e6;
}
