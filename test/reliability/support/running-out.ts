import { setTimeout as sleep } from 'node:timers/promises';
import type { Service } from './service.ts';

/** How often a running service looks whether a confirmation window has run out, counted from the moment it serves. */
const LOOKS_EVERY_MILLISECONDS = 1_000;
/** A look takes less. */
const LOOK_MILLISECONDS = 200;
const ATTEMPTS = 20;

/**
 * A service, ready, whose next look will be the one that finds a window run out. Its boot clock is put forward as far as that takes.
 *
 * @param dueAt when the window runs out by the machine's own clock, in milliseconds of the epoch
 * @param start with the boot clock so many seconds ahead
 */
export async function startBeforeDue(dueAt: number, start: (forward: number) => Promise<Service>): Promise<Service> {
  let lead = 2_000;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const forward = Math.floor((dueAt - Date.now() - lead) / 1_000);
    const begun = Date.now();
    const service = await start(forward);
    const quiet = lastLookBefore(dueAt - forward * 1_000, service.servingSince);
    if (quiet !== undefined && Date.now() < quiet + LOOKS_EVERY_MILLISECONDS / 2) {
      await sleep(Math.max(0, quiet + LOOK_MILLISECONDS - Date.now()));
      return service;
    }
    await service.kill();
    lead = Math.max(lead, 2 * (Date.now() - begun));
  }
  throw new Error(`In ${ATTEMPTS} starts none was ready between two looks of which only the second was late enough.`);
}

/** `undefined` where it cannot be told on which side of a look the window runs out. */
function lastLookBefore(due: number, servingSince: number): number | undefined {
  const late = (due - servingSince) % LOOKS_EVERY_MILLISECONDS;
  if (due < servingSince || late < LOOK_MILLISECONDS || late > LOOKS_EVERY_MILLISECONDS - LOOK_MILLISECONDS) return undefined;
  return due - late;
}
