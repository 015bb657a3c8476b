/** For the OpenAPI document. */
export const EVENTS_DESCRIPTION =
  'Server-sent events from the kernel (ctnetlink), with the same filters as entries. `new`: a flow is tracked; `update`: its state, status, mark, labels or helper ' +
  'changed (not its counters or timeout); `destroy`: it is gone, with its final counters where accounting is on. What is missing is always said, in a `gap`. ' +
  'The kernel is listened to only while somebody asks, because it makes each new flow cost more; for 30 s more a client can come back and miss nothing. With ' +
  'the kernel’s default (`events` = 2) flows that began while nobody listened tell neither updates nor their end. A filter sees only what an event holds: the end of a ' +
  'flow may lack its timeout.';

export const FRAMES_DESCRIPTION =
  '`ready` (data: EventsReadyDto) first; then `new`, `update` and `destroy` (data: EntryDto) and `gap` (data: EventGapDto); `end` (data: EventsEndDto) where the ' +
  'service ends the stream. A comment every 15 s of silence. Every id is that of a listening and a number, 5d0c7a1e-42: numbers that are left out were for others.';

export const EXAMPLE_FRAMES = `id: 5d0c7a1e-41
event: ready
data: {"id":"5d0c7a1e-41","source":"ctnetlink","types":["new","update","destroy"],"resumed":false,"heartbeatSeconds":15}

id: 5d0c7a1e-42
event: new
data: {"id":"04060a000005c000020ac87c01bb030000-75e1dc5f","family":"ipv4","protocol":"tcp","protocolNumber":6,"state":"SYN_SENT","timeoutSeconds":120,"status":["CONFIRMED"],"original":{"source":"10.0.0.5","destination":"192.0.2.10","sourcePort":51324,"destinationPort":443},"reply":{"source":"192.0.2.10","destination":"10.0.0.5","sourcePort":443,"destinationPort":51324}}

id: 5d0c7a1e-58
event: gap
data: {"reason":"kernel","dropped":1204,"remedy":"Read the current table (GET /api/v1/entries)."}

: heartbeat
id: 5d0c7a1e-61

`;
