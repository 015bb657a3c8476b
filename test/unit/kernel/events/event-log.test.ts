import { beforeEach, describe, expect, it } from 'vitest';
import type { EventRequest } from '../../../../src/domain/filter/entry-event.ts';
import { parseFilter } from '../../../../src/domain/filter/parse-filter.ts';
import { EventLog } from '../../../../src/kernel/events/event-log.ts';
import type { EventLimits } from '../../../../src/kernel/events/event-options.ts';
import { KIND } from '../../../../src/kernel/events/event-ring.ts';
import { messageBuffer, type MessageBuffer } from '../../../../src/kernel/netlink/decode.ts';
import { CTA_EXPECT, CTA_IP, CTA_PROTO, CTA_TUPLE, EXP_NEW } from '../../../../src/kernel/netlink/ctnetlink.ts';
import { MessageWriter } from '../../../../src/kernel/netlink/message-writer.ts';
import { writeNew } from '../../../support/entry-factory-message.ts';
import { entryAt } from '../../../support/entry-factory-mix.ts';
import { framesIn, type Frame } from './frames.ts';

const EPOCH = '5d0c7a1e';
const LIMITS: EventLimits = { receiveBufferBytes: 0, logBytes: 65_536, logEvents: 100, pendingChunks: 4, heartbeatMilliseconds: 15_000 };
const ALL: EventRequest = { filter: parseFilter('all'), types: ['new', 'update', 'destroy'] };

/** A client that gets chunks, and consumes them when `take` is called. */
class Reader {
  text = '';
  private readonly buffers: ArrayBuffer[] = [];

  readonly send = (buffer: ArrayBuffer, length: number): void => {
    this.text += Buffer.from(buffer).toString('latin1', 0, length);
    this.buffers.push(buffer);
  };

  take(log: EventLog, id: number, now = 0): void {
    for (const buffer of this.buffers.splice(0)) log.taken(id, buffer, now);
  }

  frames(): readonly Frame[] {
    return framesIn(this.text);
  }

  events(...types: readonly string[]): readonly Frame[] {
    return this.frames().filter(({ event = '' }) => types.includes(event));
  }
}

function message(index: number): MessageBuffer & { readonly length: number } {
  const writer = new MessageWriter();
  writeNew(writer, entryAt(index), index);
  const buffer = messageBuffer((writer.length + 3) & ~3);
  buffer.bytes.set(writer.bytes);
  return { ...buffer, length: writer.length };
}

/** An expectation of a TCP flow to this port, with a helper whose name is not ASCII. */
function expectation(port: number): MessageBuffer & { readonly length: number } {
  const writer = new MessageWriter().begin(EXP_NEW, 0, 2, 0);
  writer.nest(CTA_EXPECT.tuple, () => {
    writer.nest(CTA_TUPLE.ip, () =>
      writer.octets(CTA_IP.v4Source, Uint8Array.of(10, 0, 0, 1)).octets(CTA_IP.v4Destination, Uint8Array.of(10, 0, 0, 2)),
    );
    writer.nest(CTA_TUPLE.protocol, () =>
      writer.octet(CTA_PROTO.number, 6).short(CTA_PROTO.sourcePort, 0).short(CTA_PROTO.destinationPort, port),
    );
  });
  writer.octets(CTA_EXPECT.helper, Uint8Array.of(0x66, 0xe9, 0)).finish();
  const buffer = messageBuffer((writer.length + 3) & ~3);
  buffer.bytes.set(writer.bytes);
  return { ...buffer, length: writer.length };
}

let log: EventLog;
beforeEach(() => {
  log = logOfAll();
});

function logOfAll(limits: Partial<EventLimits> = {}): EventLog {
  const created = new EventLog(EPOCH, { ...LIMITS, ...limits });
  for (const type of ALL.types) created.addType(type);
  return created;
}

function emit(kind: number, index: number): void {
  const source = message(index);
  log.append(kind, source, 0, source.length);
}

function join(id: number, request: Partial<EventRequest> = {}): Reader {
  const reader = new Reader();
  log.join(id, { ...ALL, ...request }, 0, reader.send);
  return reader;
}

describe('a client that reads', () => {
  it('gets the ready event, then each event in order, with consecutive ids', () => {
    const reader = join(1);
    emit(KIND.new, 0);
    emit(KIND.update, 0);
    emit(KIND.destroy, 0);
    log.serve(0);
    expect(reader.frames().map(({ id, event }) => [id, event])).toEqual([
      [`${EPOCH}-0`, 'ready'],
      [`${EPOCH}-1`, 'new'],
      [`${EPOCH}-2`, 'update'],
      [`${EPOCH}-3`, 'destroy'],
    ]);
    expect(reader.frames()[1]?.data).toMatchObject({ original: { sourcePort: entryAt(0).sourcePort } });
  });

  it('gets the events that match its own filter and types', () => {
    const ports = join(1, { filter: parseFilter(`sourcePort=${String(entryAt(2).sourcePort)}`) });
    const ends = join(2, { types: ['destroy'] });
    for (const index of [1, 2, 3]) emit(KIND.new, index);
    emit(KIND.destroy, 3);
    log.serve(0);
    expect(ports.frames().map(({ id }) => id)).toEqual([`${EPOCH}-0`, `${EPOCH}-2`]);
    expect(ends.frames().map(({ id }) => id)).toEqual([`${EPOCH}-0`, `${EPOCH}-4`]);
  });

  it('gets a heartbeat with an id to resume from when there are no events', () => {
    const reader = join(1, { types: ['destroy'] });
    emit(KIND.new, 1);
    log.serve(14_999);
    expect(reader.frames()).toHaveLength(1);
    log.serve(15_000);
    expect(reader.frames()[1]).toEqual({ comment: 'heartbeat', id: `${EPOCH}-1` });
  });

  it('gets a gap at the position of events dropped by the kernel, with their number if known', () => {
    const reader = join(1);
    emit(KIND.new, 0);
    log.appendOverrun(7);
    emit(KIND.new, 1);
    log.appendOverrun(undefined);
    log.serve(0);
    expect(reader.frames().map(({ event, data }) => [event, data?.['reason'], data?.['dropped']])).toEqual([
      ['ready', undefined, undefined],
      ['new', undefined, undefined],
      ['gap', 'kernel', 7],
      ['new', undefined, undefined],
      ['gap', 'kernel', undefined],
    ]);
  });

  it('gets a gap for a malformed message, and the next event', () => {
    const reader = join(1);
    const broken = message(0);
    log.append(KIND.new, broken, 0, broken.length - 60);
    emit(KIND.new, 1);
    log.serve(0);
    expect(reader.events('gap', 'new').map(({ data }) => data?.['reason'])).toEqual(['malformed', undefined]);
  });
});

describe('a client that requested events of expectations', () => {
  const BOTH: Partial<EventRequest> = { types: ['expectation-new', 'expectation-destroy'] };
  const emitBoth = (port: number): void => {
    const source = expectation(port);
    for (const type of ['expectation-new', 'expectation-destroy'] as const) log.append(KIND[type], source, 0, source.length);
  };

  it('gets them in order with those of entries; others get none', () => {
    const [both, ends, entries] = [
      join(1, { types: [...ALL.types, ...(BOTH.types ?? [])] }),
      join(2, { types: ['expectation-destroy'] }),
      join(3),
    ];
    emit(KIND.new, 0);
    emitBoth(40_001);
    log.serve(0);
    expect(both.frames().map(({ id, event }) => [id, event])).toEqual([
      [`${EPOCH}-0`, 'ready'],
      [`${EPOCH}-1`, 'new'],
      [`${EPOCH}-2`, 'expectation-new'],
      [`${EPOCH}-3`, 'expectation-destroy'],
    ]);
    expect(both.frames()[2]?.data).toMatchObject({ protocol: 'tcp', helper: 'f\u00e9', tuple: { destinationPort: 40_001 } });
    expect(ends.frames().map(({ event }) => event)).toEqual(['ready', 'expectation-destroy']);
    expect(entries.frames().map(({ event }) => event)).toEqual(['ready', 'new']);
  });

  it('gets a gap for a malformed one, and for those that it reads too late', () => {
    const reader = join(1, BOTH);
    const broken = expectation(1);
    log.append(KIND['expectation-new'], broken, 0, 20);
    log.serve(0);
    expect(reader.events('gap').map(({ data }) => data?.['reason'])).toEqual(['malformed']);
    for (let port = 1; port <= 75; port += 1) emitBoth(port);
    log.serve(0);
    expect(reader.events('gap')[1]?.data).toMatchObject({ reason: 'client', dropped: 50 });
    expect(reader.events('expectation-new', 'expectation-destroy')).toHaveLength(100);
  });
});

describe('a client that reconnects', () => {
  it('gets exactly what it missed', () => {
    for (const index of [0, 1, 2, 3]) emit(KIND.new, index);
    const reader = join(1, { after: { epoch: EPOCH, sequence: 2 } });
    expect(reader.frames().map(({ id, event }) => [id, event])).toEqual([
      [`${EPOCH}-2`, 'ready'],
      [`${EPOCH}-3`, 'new'],
      [`${EPOCH}-4`, 'new'],
    ]);
    expect(reader.frames()[0]?.data).toMatchObject({ resumed: true });
  });

  it('gets a gap if its epoch is not the current one', () => {
    emit(KIND.new, 0);
    const reader = join(1, { after: { epoch: '00000000', sequence: 0 } });
    expect(reader.frames().map(({ id, event, data }) => [id, event, data?.['reason']])).toEqual([
      [`${EPOCH}-1`, 'ready', undefined],
      [`${EPOCH}-1`, 'gap', 'resume'],
    ]);
  });

  it('gets a gap if some events are no longer kept, and those that are', () => {
    for (let index = 0; index < 150; index += 1) emit(KIND.new, index);
    const reader = join(1, { after: { epoch: EPOCH, sequence: 10 } });
    expect(reader.events('gap')[0]?.data).toMatchObject({ reason: 'resume' });
    expect(reader.events('new')).toHaveLength(100);
  });

  it('gets a gap if it requests a type that was not received at that time', () => {
    log = new EventLog(EPOCH, LIMITS);
    log.addType('new');
    emit(KIND.new, 0);
    emit(KIND.new, 1);
    log.addType('destroy');
    const news = join(1, { types: ['new'], after: { epoch: EPOCH, sequence: 1 } });
    const both = join(2, { types: ['new', 'destroy'], after: { epoch: EPOCH, sequence: 1 } });
    expect([news.events('gap'), both.events('gap')].map(({ length }) => length)).toEqual([0, 1]);
  });
});

describe('a client that does not read', () => {
  const EVENTS = 5_000;

  it('loses what the log cannot keep, gets the exact number of its lost events, and no other client loses any', () => {
    log = logOfAll({ pendingChunks: 2 });
    const slow = join(1, { filter: parseFilter('protocol=tcp') });
    const quick = join(2);
    let tcp = 0;
    for (let index = 0; index < EVENTS; index += 1) {
      emit(KIND.new, index);
      if (entryAt(index).protocol === 6) tcp += 1;
      log.serve(0);
      quick.take(log, 2);
    }
    for (let round = 0; round < 10; round += 1) slow.take(log, 1);
    const lost = slow.events('gap').map(({ data }) => data?.['reason'] === 'client' && (data['dropped'] as number));
    expect(quick.events('new')).toHaveLength(EVENTS);
    expect(lost).toHaveLength(1);
    expect(slow.events('new').length + Number(lost[0])).toBe(tcp);
  });

  it('gets no more than its limit of pending chunks', () => {
    log = logOfAll({ pendingChunks: 2 });
    const slow = join(1);
    for (let index = 0; index < EVENTS; index += 1) {
      emit(KIND.new, index);
      log.serve(0);
    }
    expect(slow.text.length).toBeLessThanOrEqual(2 * 65_536);
  });

  it('gets the number of events dropped by the kernel even if the log has dropped that record', () => {
    log = logOfAll({ pendingChunks: 1 });
    const slow = join(1);
    log.appendOverrun(7);
    for (let index = 0; index < 200; index += 1) emit(KIND.new, index);
    slow.take(log, 1);
    expect(slow.events('gap').map(({ data }) => [data?.['reason'], data?.['dropped']])).toEqual([
      ['client', 100],
      ['kernel', 7],
    ]);
  });
});
