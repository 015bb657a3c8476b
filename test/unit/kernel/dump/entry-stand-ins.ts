import type { Entry } from '../../../../src/domain/entry.ts';
import type { EntrySource, TakeEntry } from '../../../../src/kernel/entries/entry-source.ts';
import { fillView } from '../../../../src/kernel/entries/entry-to-view.ts';
import { EntryView } from '../../../../src/kernel/entries/entry-view.ts';

/** A UDP flow from this port. */
export function entryFrom(sourcePort: number): Omit<Entry, 'id'> {
  return {
    family: 'ipv4',
    protocol: 'udp',
    protocolNumber: 17,
    status: ['CONFIRMED'],
    original: { source: '10.0.0.7', destination: '192.0.2.53', sourcePort, destinationPort: 53 },
    reply: { source: '192.0.2.53', destination: '10.0.0.7', sourcePort: 53, destinationPort: sourcePort },
  };
}

/** A table of such flows, read a few at a time. `undefined` is an entry that cannot be parsed. With `failure`, reading fails at the end. */
export class ListedSource implements EntrySource {
  unparsed = 0;
  readonly isInconsistent = false;
  readonly isFilteredByKernel = false;
  isOpen = true;
  private readonly ports: readonly (number | undefined)[];
  private readonly failure: Error | undefined;
  private readonly view = new EntryView();
  private at = 0;

  constructor(ports: readonly (number | undefined)[], failure?: Error) {
    this.ports = ports;
    this.failure = failure;
  }

  advance(take: TakeEntry): 'more' | 'paused' | 'end' {
    for (const stop = this.at + 7; this.at < stop; this.at += 1) {
      if (this.at === this.ports.length) return this.end();
      const port = this.ports[this.at];
      if (port === undefined) this.unparsed += 1;
      else {
        fillView(entryFrom(port), this.view);
        if (!take(this.view)) return 'paused';
      }
    }
    return 'more';
  }

  close(): void {
    this.isOpen = false;
  }

  private end(): 'end' {
    if (this.failure) throw this.failure;
    return 'end';
  }
}
