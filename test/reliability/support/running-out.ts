import { setTimeout as sleep } from 'node:timers/promises';
import type { Service } from './service.ts';

/** How often a running service checks whether a confirmation window has expired, counted from when it starts to listen. */
const CHECK_INTERVAL_MILLISECONDS = 1_000;
/** Upper limit for one check. */
const CHECK_MILLISECONDS = 200;
const ATTEMPTS = 20;

/**
 * Starts a service, and returns it ready, so that its next check is the one that finds the expired window. Sets its boot clock forward.
 *
 * @param dueAt when the window expires by the host's clock, in milliseconds since the epoch
 * @param start starts the service with the boot clock `forward` seconds ahead
 */
export async function startBeforeDue(dueAt: number, start: (forward: number) => Promise<Service>): Promise<Service> {
  let lead = 2_000;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const forward = Math.floor((dueAt - Date.now() - lead) / 1_000);
    const begun = Date.now();
    const service = await start(forward);
    const quiet = lastCheckBefore(dueAt - forward * 1_000, service.servingSince);
    if (quiet !== undefined && Date.now() < quiet + CHECK_INTERVAL_MILLISECONDS / 2) {
      await sleep(Math.max(0, quiet + CHECK_MILLISECONDS - Date.now()));
      return service;
    }
    await service.kill();
    lead = Math.max(lead, 2 * (Date.now() - begun));
  }
  throw new Error(`In ${ATTEMPTS} starts, the service was never ready between the two checks around the end of the window.`);
}

/** `undefined` if the window expires too close to a check. */
function lastCheckBefore(due: number, servingSince: number): number | undefined {
  const late = (due - servingSince) % CHECK_INTERVAL_MILLISECONDS;
  if (due < servingSince || late < CHECK_MILLISECONDS || late > CHECK_INTERVAL_MILLISECONDS - CHECK_MILLISECONDS) return undefined;
  return due - late;
}
