import { Journal } from '../../application/ports/journal.ts';
import type { ConntrackError } from '../../domain/conntrack-error.ts';

/** Replaces a journal that cannot be used: every call throws the reason, so every change is refused. Requests that need no journal work. */
export class UnavailableJournal extends Journal {
  private readonly reason: ConntrackError;

  constructor(reason: ConntrackError) {
    super();
    this.reason = reason;
  }

  requireWritable(): never {
    throw this.reason;
  }

  requireRoomFor(): never {
    throw this.reason;
  }

  requireUnlocked(): never {
    throw this.reason;
  }

  open(): never {
    throw this.reason;
  }

  nextId(): never {
    throw this.reason;
  }

  close(): never {
    throw this.reason;
  }

  get(): never {
    throw this.reason;
  }

  list(): never {
    throw this.reason;
  }

  pending(): never {
    throw this.reason;
  }

  awaitingConfirmation(): never {
    throw this.reason;
  }

  findByKey(): never {
    throw this.reason;
  }

  after(): never {
    throw this.reason;
  }

  ends(): never {
    throw this.reason;
  }

  guard(): never {
    throw this.reason;
  }

  configureGuard(): never {
    throw this.reason;
  }

  desired(): never {
    throw this.reason;
  }

  configureDesired(): never {
    throw this.reason;
  }

  head(): never {
    throw this.reason;
  }

  archived(): never {
    throw this.reason;
  }

  verify(): Promise<never> {
    return Promise.reject(this.reason);
  }

  records(): never {
    throw this.reason;
  }

  lastToAlter(): never {
    throw this.reason;
  }
}
