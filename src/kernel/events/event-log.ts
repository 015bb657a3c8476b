import { EVENT_TYPES, type EventPlace, type EventRequest, type EventsReady } from '../../domain/filter/entry-event.ts';
import { messageBuffer, type MessageBuffer } from '../netlink/decode.ts';
import { ChunkWriter, type GiveChunk } from './chunk-writer.ts';
import { EventClient } from './event-client.ts';
import { eventFrame } from './event-frames.ts';
import { KIND } from './event-kind.ts';
import type { EventLimits } from './event-options.ts';
import { EventLosses } from './event-losses.ts';
import { EventRing } from './event-ring.ts';
import { gapOf } from './gap-account.ts';

/** The newest events and the clients that read them, each at its own place. Knows nothing of sockets and threads. */
export class EventLog {
  private readonly epoch: string;
  private readonly limits: EventLimits;
  private readonly losses: EventLosses;
  private readonly ring: EventRing;
  private readonly writer = new ChunkWriter();
  private readonly clients = new Map<number, EventClient>();
  /** First record from which on each type, by its place in EVENT_TYPES, is heard. */
  private readonly typeStart: (number | undefined)[] = EVENT_TYPES.map(() => undefined);
  private readonly number = messageBuffer(4);

  constructor(epoch: string, limits: EventLimits, losses = new EventLosses()) {
    this.epoch = epoch;
    this.losses = losses;
    this.limits = limits;
    this.ring = new EventRing(limits.logBytes, limits.logEvents);
  }

  /** Types of the request that the kernel is not asked for yet. */
  missingTypes({ types }: EventRequest): readonly EventRequest['types'][number][] {
    return types.filter((type) => this.typeStart[KIND[type]] === undefined);
  }

  /** From now on all events of this type are appended. */
  addType(type: EventRequest['types'][number]): void {
    this.typeStart[KIND[type]] = this.ring.next;
  }

  /** @param now milliseconds, monotonic, here and below */
  join(id: number, request: EventRequest, now: number, send: GiveChunk): void {
    const { after, types } = request;
    const resumed = after !== undefined && this.isKept(after, request);
    const { heartbeatMilliseconds } = this.limits;
    const client = new EventClient(request, this.begin(after), now, { epoch: this.epoch, losses: this.losses, ...this.limits, send });
    const ready: EventsReady = { id: client.id, source: 'ctnetlink', types, resumed, heartbeatSeconds: heartbeatMilliseconds / 1_000 };
    const frames = [eventFrame('ready', ready, client.id)];
    if (after !== undefined && !resumed) frames.push(eventFrame('gap', gapOf('resume'), client.id));
    this.clients.set(id, client);
    client.serve(this.ring, this.writer, now, ...frames);
  }

  leave(id: number): void {
    this.clients.delete(id);
  }

  /** @param buffer of a chunk that the client has taken */
  taken(id: number, buffer: ArrayBuffer, now: number): void {
    this.writer.takeBack(buffer);
    const client = this.clients.get(id);
    client?.taken();
    client?.serve(this.ring, this.writer, now);
  }

  /** A message of the kernel. @param from in `source`, a multiple of four */
  append(kind: number, source: MessageBuffer, from: number, length: number): void {
    if (length > this.limits.logBytes) {
      this.append(KIND.malformed, source, from, 0);
      return;
    }
    while (!this.ring.hasRoom(length)) {
      for (const client of this.clients.values()) if (client.cursor === this.ring.first) client.miss(this.ring);
      this.ring.dropOldest();
    }
    this.ring.append(kind, source, from, length);
  }

  /** The kernel dropped events here. @param dropped absent where it does not say how many */
  appendOverrun(dropped: number | undefined): void {
    this.losses.addOverrun(dropped);
    this.number.words[0] = dropped ?? 0;
    this.append(KIND.overrun, this.number, 0, dropped === undefined ? 0 : 4);
  }

  /** Gives all clients what there is for them. */
  serve(now: number): void {
    for (const client of this.clients.values()) client.serve(this.ring, this.writer, now);
  }

  /** Whether nothing of these types happened after this place that is not in the log. */
  private isKept({ epoch, sequence }: EventPlace, { types }: EventRequest): boolean {
    const next = sequence + 1;
    const { first, next: end } = this.ring;
    return epoch === this.epoch && next >= first && next <= end && types.every((type) => (this.typeStart[KIND[type]] ?? Infinity) <= next);
  }

  /** Of what is asked for as much as there is. */
  private begin(after: EventPlace | undefined): number {
    const { first, next } = this.ring;
    return after?.epoch === this.epoch && after.sequence < next ? Math.max(first, after.sequence + 1) : next;
  }
}
