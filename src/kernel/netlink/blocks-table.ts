import type { Block, BlockList } from '../../domain/deletion.ts';
import { protocolName } from '../entries/entry-values.ts';
import { deleteTable, listRules } from './nft-batch.ts';
import { BLOCK_SETS, BLOCKS_TABLE, blocksIn, createBlocks, hasAllRules, listBlocks, removeBlocks, type ListedBlock } from './nft-blocks.ts';
import { change, exchange } from './nft-exchange.ts';
import { NetlinkError } from './netlink-socket.ts';

const AT_ONCE = 256;
const ATTEMPTS = 5;
const COMMENT = /^change (\d+)( reply)?$/;

/** The comment of an element, which nft shows. */
export function blockComment(changeId: number, direction: 'original' | 'reply'): string {
  return `change ${changeId}${direction === 'reply' ? ' reply' : ''}`;
}

/*
 * The table of the network namespace of the calling thread. All functions throw NetlinkError (`EPERM` without CAP_NET_ADMIN) and
 * MalformedMessage.
 */

/** Creates it if it does not exist, or lacks rules. */
export function ensureTable(): void {
  if (!hasAllRules(Array.from(exchange((sequence) => listRules(BLOCKS_TABLE, sequence))).length)) change(createBlocks);
}

export function removeTable(): void {
  change((sequence) => deleteTable(BLOCKS_TABLE, sequence));
}

/** Removes it if it lists nothing. @returns whether blocks remain */
export function removeTableIfEmpty(): boolean {
  if (listed().next().done !== true) return true;
  if (!exchange((sequence) => listRules(BLOCKS_TABLE, sequence)).next().done) removeTable();
  return false;
}

/** By change, newest first. @param connectionsMax of each change: further connections are only counted */
export function readBlocks(connectionsMax: number): BlockList {
  const blocks = new Map<number, Block & { connections: Block['connections'][number][]; count: number; expiresInSeconds: number }>();
  for (const { comment, expiresMilliseconds, protocol, source, sourcePort, destination, destinationPort } of listed()) {
    const [, id, reply] = COMMENT.exec(comment) ?? [];
    if (id === undefined || reply !== undefined) continue;
    const block = blocks.get(Number(id)) ?? { change: Number(id), count: 0, expiresInSeconds: 0, connections: [] };
    blocks.set(block.change, block);
    block.count += 1;
    block.expiresInSeconds = Math.max(block.expiresInSeconds, Math.ceil(expiresMilliseconds / 1_000));
    if (block.connections.length < connectionsMax)
      block.connections.push({ protocol: protocolName(protocol), source, sourcePort, destination, destinationPort });
  }
  return [...blocks.values()].sort((one, other) => other.change - one.change);
}

/** Removes the blocks of a change. @returns the number of connections that are no longer blocked */
export function removeBlocksOf(changeId: number): number {
  for (let attempt = 1; ; attempt += 1) {
    const own = Array.from(listed()).filter(({ comment }) => COMMENT.exec(comment)?.[1] === String(changeId));
    try {
      for (const set of BLOCK_SETS) removeAll(set, own);
      return own.filter(({ comment }) => comment === blockComment(changeId, 'original')).length;
    } catch (error) {
      // One of them has expired since.
      if (!(error instanceof NetlinkError) || error.failure.code !== 'ENOENT' || attempt === ATTEMPTS) throw error;
    }
  }
}

function removeAll(set: string, blocks: readonly ListedBlock[]): void {
  const keys = blocks.filter((block) => block.set === set).map(({ key }) => key);
  for (let at = 0; at < keys.length; at += AT_ONCE) change((sequence) => removeBlocks(set, keys.slice(at, at + AT_ONCE), sequence));
}

function* listed(): Generator<ListedBlock> {
  for (const set of BLOCK_SETS) {
    try {
      for (const message of exchange((sequence) => listBlocks(set, sequence))) yield* blocksIn(message, set);
    } catch (error) {
      // There is no such table.
      if (!(error instanceof NetlinkError) || error.failure.code !== 'ENOENT') throw error;
    }
  }
}
