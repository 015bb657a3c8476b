import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { LiveSettings } from '../../domain/setting.ts';
import type { ChangeTerms } from './change-terms.ts';
import type { ObserveHost } from './observe-host.ts';

/** @throws ConntrackError `PRECONDITION_FAILED` if the live state is not the one that the client read */
export async function requireExpected(
  { isExpected }: Pick<ChangeTerms, 'isExpected'>,
  observe: ObserveHost,
  live: LiveSettings,
): Promise<void> {
  if (!isExpected || isExpected(await observe.state(live))) return;
  throw new ConntrackError('PRECONDITION_FAILED', 'The settings or boot files have changed since the state that If-Match names.', {
    remedy: 'Read the settings again, decide again, and send their new ETag.',
  });
}
