/** Adds expectations that no traffic of a test creates, each to one of the FTP sessions from port 45001 on: with NAT, each flag, a function. */
import {
  CTA_EXPECT,
  CTA_EXPECT_NAT,
  CTA_IP,
  CTA_PROTO,
  CTA_TUPLE,
  EXP_NEW,
  NLM_F_ACK,
  NLM_F_CREATE,
  NLM_F_REQUEST,
} from '../../../src/kernel/netlink/ctnetlink.ts';
import { messageBuffer } from '../../../src/kernel/netlink/decode.ts';
import { MessageWriter } from '../../../src/kernel/netlink/message-writer.ts';
import { NetlinkSocket } from '../../../src/kernel/netlink/netlink-socket.ts';

const AF_INET = 2;
const TCP = 6;
const ANY = '0.0.0.0';
const ALL = '255.255.255.255';

type Tuple = readonly [source: string, destination: string, sourcePort: number, destinationPort: number];

function tuple(writer: MessageWriter, attribute: number, [source, destination, sourcePort, destinationPort]: Tuple): void {
  const octets = (address: string): Uint8Array => Uint8Array.from(address.split('.').map(Number));
  writer.nest(attribute, () => {
    writer.nest(CTA_TUPLE.ip, () => writer.octets(CTA_IP.v4Source, octets(source)).octets(CTA_IP.v4Destination, octets(destination)));
    writer.nest(CTA_TUPLE.protocol, () =>
      writer.octet(CTA_PROTO.number, TCP).short(CTA_PROTO.sourcePort, sourcePort).short(CTA_PROTO.destinationPort, destinationPort),
    );
  });
}

const added = process.argv.slice(2);
const socket = new NetlinkSocket();
for (const [index, text] of added.entries()) {
  const { flags, nat, name } = JSON.parse(text) as { flags: number; nat?: number; name?: string };
  const writer = new MessageWriter().begin(EXP_NEW, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE, AF_INET, socket.nextSequence());
  tuple(writer, CTA_EXPECT.master, ['192.0.2.1', '192.0.2.2', 45_001 + index, 21]);
  tuple(writer, CTA_EXPECT.tuple, ['198.51.100.1', '198.51.100.2', 0, 7_000 + index]);
  tuple(writer, CTA_EXPECT.mask, [ALL, ALL, 0, 65_535]);
  writer.word(CTA_EXPECT.timeout, 600).word(CTA_EXPECT.flags, flags);
  if (nat !== undefined) {
    writer.nest(CTA_EXPECT.nat, () => {
      writer.word(CTA_EXPECT_NAT.direction, nat);
      tuple(writer, CTA_EXPECT_NAT.tuple, ['203.0.113.9', ANY, 40_000 + index, 0]);
    });
  }
  if (name !== undefined) writer.octets(CTA_EXPECT.function, Buffer.from(`${name}\0`));
  socket.send(writer.finish().bytes);
  const { bytes, words } = messageBuffer(1_024);
  socket.receive(bytes);
  if (words[4] !== 0) throw new Error(`expectation ${String(index)}: errno ${String(-((words[4] ?? 0) | 0))}`);
}
socket.close();
