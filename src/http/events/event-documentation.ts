/** Texts for the OpenAPI document. */
export const EVENTS_DESCRIPTION =
  'Streams conntrack events of the kernel (ctnetlink) as server-sent events, with the same filters as for entries. `new`: a flow was added. `update`: its state, status, mark, labels or helper ' +
  'changed (not its counters or timeout). `destroy`: it was removed; the event has its final counters if accounting is on. Missing events are always reported, in a `gap`. ' +
  'The service subscribes to the kernel only while there are clients, because events make each new flow more expensive. It stays subscribed for another 30 s, so that a client can reconnect without missing events. With ' +
  'the kernel’s default (`events` = 2), flows that started without a subscriber send neither `update` nor `destroy`, and their expectations send no events. A filter sees only the fields of the event: a `destroy` may lack ' +
  'the timeout. `expectation-new` and `expectation-destroy` report the flows that helpers expect (`GET /expectations`). Request them in `types`; a filter cannot select them.';

export const FRAMES_DESCRIPTION =
  'The first event is `ready` (data: EventsReady). Then follow `new`, `update` and `destroy` (data: Entry), `expectation-new` and `expectation-destroy` (data: Expectation) and `gap` (data: EventGap). The last is `end` (data: EventsEnd), if the ' +
  'service ends the stream: because it stops, the client reads too slowly, or the network namespace was deleted or replaced. After 15 s without an event, a comment is sent as a heartbeat. An event id consists of a subscription and a number, such as 5d0c7a1e-42. Skipped numbers are events that do not match the filter.';

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
