import { ABSENT, IPPROTO, type EntryView } from '../entries/entry-view.ts';
import { CT_DELETE, CT_NEW, CTA, CTA_PROTOINFO, CTA_PROTOINFO_TCP, NLM_F_CREATE, NLM_F_EXCL } from '../netlink/ctnetlink.ts';
import { messageBuffer, type MessageBuffer } from '../netlink/decode.ts';
import { keyOf } from '../netlink/entry-key.ts';
import { MessageWriter } from '../netlink/message-writer.ts';
import { writeKey } from '../netlink/requests.ts';

/** The message that a kernel would send about the entry. */
export function demoMessage(kind: 'new' | 'destroy', view: EntryView): MessageBuffer & { readonly length: number } {
  const [type, flags] = kind === 'new' ? [CT_NEW, NLM_F_CREATE | NLM_F_EXCL] : [CT_DELETE, 0];
  const writer = new MessageWriter().begin(type, flags, view.family, 0);
  writeKey(writer, keyOf(view));
  writeKey(writer, { ...keyOf(view, view.reply), zone: 0 }, CTA.tupleReply);
  writer.word(CTA.status, view.status);
  if (kind === 'new') {
    if (view.timeout !== ABSENT) writer.word(CTA.timeout, view.timeout);
    if (view.protocol === IPPROTO.tcp && view.state !== ABSENT)
      writer.nest(CTA.protocolInfo, () => writer.nest(CTA_PROTOINFO.tcp, () => writer.octet(CTA_PROTOINFO_TCP.state, view.state)));
  }
  if (view.hasMark) writer.word(CTA.mark, view.mark);
  const { bytes } = writer.finish();
  const buffer = messageBuffer((bytes.length + 3) & ~3);
  buffer.bytes.set(bytes);
  return { ...buffer, length: bytes.length };
}
