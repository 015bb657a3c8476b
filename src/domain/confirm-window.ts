import type { ConfirmWindow } from './change.ts';

/** Whether the time to confirm is over: the deadline has passed, or it belongs to an earlier boot. */
export function isDue({ deadline }: ConfirmWindow, bootId: string | null, bootMilliseconds: number): boolean {
  return deadline.bootId !== bootId || bootMilliseconds >= deadline.milliseconds;
}
