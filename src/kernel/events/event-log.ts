import { STREAM_TYPES, type EventPlace, type EventRequest, type EventsReady } from '../../domain/filter/entry-event.ts';
import { messageBuffer, type MessageBuffer } from '../netlink/decode.ts';
import { ChunkWriter, type SendChunk } from './chunk-writer.ts';
import { EventClient } from './event-client.ts';
import { eventFrame } from './event-frames.ts';
import type { EventLimits } from './event-options.ts';
import { EventLosses } from './event-losses.ts';
import { EventRing, KIND } from './event-ring.ts';
import { gapOf } from './gap-account.ts';

/** The newest events and the clients that read them, each at its own position. Independent of sockets and threads. */
export class EventLog {
  private readonly epoch: string;
  private readonly limits: EventLimits;
  private readonly losses: EventLosses;
  private readonly ring: EventRing;
  private readonly writer = new ChunkWriter();
  private readonly clients = new Map<number, EventClient>();
  /** First record since which events of a type are received, by its index in STREAM_TYPES. */
  private readonly typeStart: (number | undefined)[] = STREAM_TYPES.map(() => undefined);
  private readonly number = messageBuffer(4);

  constructor(epoch: string, limits: EventLimits, losses = new EventLosses()) {
    this.epoch = epoch;
    this.losses = losses;
    this.limits = limits;
    this.ring = new EventRing(limits.logBytes, limits.logEvents);
  }

  /** Types of the request that the socket has not joined yet. */
  missingTypes({ types }: EventRequest): readonly EventRequest['types'][number][] {
    return types.filter((type) => this.typeStart[KIND[type]] === undefined);
  }

  /** From now on, all events of this type are appended. */
  addType(type: EventRequest['types'][number]): void {
    this.typeStart[KIND[type]] = this.ring.next;
  }

  /** @param now milliseconds, monotonic; the same for the methods below */
  join(id: number, request: EventRequest, now: number, send: SendChunk): void {
    const { after, types } = request;
    const resumed = after !== undefined && this.isKept(after, request);
    const { heartbeatMilliseconds } = this.limits;
    const client = new EventClient(request, this.startOf(after), now, { epoch: this.epoch, losses: this.losses, ...this.limits, send });
    const ready: EventsReady = { id: client.id, source: 'ctnetlink', types, resumed, heartbeatSeconds: heartbeatMilliseconds / 1_000 };
    const frames = [eventFrame('ready', ready, client.id)];
    if (after !== undefined && !resumed) frames.push(eventFrame('gap', gapOf('resume'), client.id));
    this.clients.set(id, client);
    client.serve(this.ring, this.writer, now, ...frames);
  }

  leave(id: number): void {
    this.clients.delete(id);
  }

  /** @param buffer buffer of a chunk that the client has consumed */
  taken(id: number, buffer: ArrayBuffer, now: number): void {
    this.writer.takeBack(buffer);
    const client = this.clients.get(id);
    client?.taken();
    client?.serve(this.ring, this.writer, now);
  }

  /** Appends a message of the kernel. @param from offset in `source`, a multiple of four */
  append(kind: number, source: MessageBuffer, from: number, length: number): void {
    if (length > this.limits.logBytes) {
      this.append(KIND.malformed, source, from, 0);
      return;
    }
    while (!this.ring.hasRoom(length)) {
      for (const client of this.clients.values()) if (client.cursor === this.ring.first) client.skip(this.ring);
      this.ring.dropOldest();
    }
    this.ring.append(kind, source, from, length);
  }

  /** The kernel dropped events here. @param dropped absent if the number is unknown */
  appendOverrun(dropped: number | undefined): void {
    this.losses.addOverrun(dropped);
    this.number.words[0] = dropped ?? 0;
    this.append(KIND.overrun, this.number, 0, dropped === undefined ? 0 : 4);
  }

  /** Sends pending records to all clients. */
  serve(now: number): void {
    for (const client of this.clients.values()) client.serve(this.ring, this.writer, now);
  }

  /** Whether the log holds all events of these types after this place. */
  private isKept({ epoch, sequence }: EventPlace, { types }: EventRequest): boolean {
    const next = sequence + 1;
    const { first, next: end } = this.ring;
    return epoch === this.epoch && next >= first && next <= end && types.every((type) => (this.typeStart[KIND[type]] ?? Infinity) <= next);
  }

  /** The first record to send: as much after this place as is kept. */
  private startOf(after: EventPlace | undefined): number {
    const { first, next } = this.ring;
    return after?.epoch === this.epoch && after.sequence < next ? Math.max(first, after.sequence + 1) : next;
  }
}
