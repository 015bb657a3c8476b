import { EXPECTATION_FLAGS, type Expectation, type ExpectationFlag } from '../../domain/expectation.ts';
import type { Ends, Family } from '../../domain/entry.ts';
import { entryId } from '../entries/entry-id.ts';
import { fillView } from '../entries/entry-to-view.ts';
import { EntryView } from '../entries/entry-view.ts';
import { protocolName } from '../entries/entry-values.ts';
import { takeWord, type EntryDraft } from '../procfs/entry-draft.ts';

/** Linux 2.4 lists expectations behind the entries. */
export const EXPECTING = 'EXPECTING: ';
/** Timeout or `-`, layer 3 protocol (current kernels only), reference count (2.4 only), layer 4 protocol, the rest. */
const LINE = /^(?:EXPECTING: )?(-|\d{1,10}) (?:l3proto = (\d{1,3}) )?(?:use=\d+ )?proto=(\d{1,3}) (.*)$/;
const FAMILIES: Readonly<Record<string, Family>> = { '2': 'ipv4', '10': 'ipv6' };

/**
 * Parses one line of `/proc/net/nf_conntrack_expect`, of the legacy `/proc/net/ip_conntrack_expect`, or a line of Linux 2.4 that begins with
 * `EXPECTING:`. `undefined` if it is malformed.
 */
export function parseExpectationLine(line: string): Expectation | undefined {
  const [, timeout = '', layer3 = '2', number = '', rest = ''] = LINE.exec(line) ?? [];
  const [family, protocolNumber] = [FAMILIES[layer3], Number(number)];
  if (number === '' || family === undefined || protocolNumber > 255) return undefined;
  const words = rest.split(' ').filter((word) => word !== '');
  const draft: EntryDraft = { family, tuples: [], flags: new Set(), fields: {} };
  const behind = words.findIndex((word) => !word.includes('='));
  const [ends, texts] = behind === -1 ? [words, []] : [words.slice(0, behind), words.slice(behind)];
  if (!ends.every((word) => takeWord(draft, word))) return undefined;
  const [tuple, ...others] = draft.tuples;
  if (!isWhole(tuple) || others.length > 0) return undefined;
  return {
    id: idOf(family, protocolNumber, tuple),
    family,
    protocol: protocolName(protocolNumber),
    protocolNumber,
    ...(timeout !== '-' && { timeoutSeconds: Number(timeout) }),
    tuple,
    ...textsOf(texts),
  };
}

/** The flags, if there are any, then the helper and the name of the class. */
function textsOf(texts: readonly string[]): Pick<Expectation, 'flags' | 'helper' | 'className'> {
  const flags = (texts[0] ?? '').split(',').filter(isFlag);
  const text = (flags.length > 0 ? texts.slice(1) : texts).join(' ');
  const slash = text.indexOf('/');
  const [helper, className] = slash === -1 ? [text, ''] : [text.slice(0, slash), text.slice(slash + 1)];
  return { ...(helper !== '' && { helper }), flags, ...(className !== '' && { className }) };
}

function isFlag(word: string): word is ExpectationFlag {
  return EXPECTATION_FLAGS.some((flag) => flag === word);
}

function isWhole(tuple: Partial<Ends> | undefined): tuple is Ends {
  return tuple?.source !== undefined && tuple.destination !== undefined;
}

function idOf(family: Family, protocolNumber: number, tuple: Ends): string {
  const view = new EntryView();
  fillView({ family, protocol: '', protocolNumber, status: [], original: tuple, reply: tuple }, view);
  return entryId(view);
}
