import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { ExpectationPage, ExpectationSummary } from '../../domain/expectation.ts';

/** More than the kernel admits by default (`expect_max`), so that one pass is usually enough. */
const BATCH = 4_096;

type ReadPage = (limit: number, after: string) => Promise<ExpectationPage>;

/**
 * NDJSON in batches. Each is read by its own pass when the client has consumed the one before, so a slow client holds no socket and no
 * place in the queue. An expectation that exists during the whole stream is in it once.
 *
 * @param limit number of expectations; absent: all
 * @throws ConntrackError of the first pass, before the first chunk. If a later one fails, the trailer reports it.
 */
export async function streamExpectations(read: ReadPage, limit = Number.POSITIVE_INFINITY): Promise<AsyncGenerator<Uint8Array, undefined>> {
  return chunks(read, limit, await read(Math.min(BATCH, limit), ''));
}

async function* chunks(read: ReadPage, limit: number, first: ExpectationPage): AsyncGenerator<Uint8Array, undefined> {
  let page = first;
  let sent = 0;
  for (;;) {
    if (page.items.length > 0) yield Buffer.from(page.items.map((item) => `${JSON.stringify(item)}\n`).join(''));
    sent += page.items.length;
    if (page.next === undefined) return yield* trailer({ ...page.summary, expectations: sent });
    if (sent >= limit) return yield* trailer({ ...page.summary, expectations: sent, outcome: 'truncated' });
    try {
      page = await read(Math.min(BATCH, limit - sent), page.next);
    } catch (error) {
      if (!(error instanceof ConntrackError)) throw error;
      return yield* trailer({ ...page.summary, expectations: sent, outcome: 'interrupted', reason: error.message });
    }
  }
}

function* trailer(summary: ExpectationSummary): Generator<Uint8Array, undefined> {
  yield Buffer.from(`${JSON.stringify({ trailer: summary })}\n`);
  return undefined;
}
