import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Journal, type JournalStart } from '../../application/ports/journal.ts';
import { Shares } from '../../application/shares.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { RecordStream, type FollowOptions } from './record-stream.ts';

const MAX_FOLLOWERS = 16;
const OPTIONS: FollowOptions = { pollMilliseconds: 500, heartbeatMilliseconds: 15_000, readTimeoutMilliseconds: 60_000 };

/** Streams of records, each until the client disconnects or the service stops. */
@Injectable()
export class FollowJournal implements BeforeApplicationShutdown {
  private readonly streams = new Set<RecordStream>();
  private readonly shares = new Shares(MAX_FOLLOWERS);
  private isClosed = false;

  constructor(private readonly journal: Journal) {}

  /** @throws ConntrackError `TOO_MANY_DUMPS`, and as {@link Journal.records} */
  open(after: JournalStart | undefined, owner: string, options = OPTIONS): RecordStream {
    this.requireRoom(owner);
    const records = this.journal.records(after);
    const stream = new RecordStream(records, records.next(), options);
    const leave = this.shares.take(owner);
    this.streams.add(stream);
    stream.once('close', () => {
      this.streams.delete(stream);
      leave();
    });
    return stream;
  }

  /** Before the server waits for its connections: the streams would never end otherwise. */
  beforeApplicationShutdown(): void {
    this.isClosed = true;
    for (const stream of this.streams) stream.finish();
  }

  private requireRoom(owner: string): void {
    if (this.isClosed) throw new ConntrackError('JOURNAL_UNAVAILABLE', 'The service is stopping.');
    if (this.streams.size >= MAX_FOLLOWERS) throw tooMany(`${String(MAX_FOLLOWERS)} clients already follow the journal.`);
    if (this.shares.hasReached(owner)) {
      throw tooMany(
        `This token already has ${String(this.shares.share)} of the ${String(MAX_FOLLOWERS)} followers of the journal, which is its share.`,
      );
    }
  }
}

function tooMany(message: string): ConntrackError {
  return new ConntrackError('TOO_MANY_DUMPS', message, { remedy: 'Wait until a client has disconnected, or disconnect one.' });
}
