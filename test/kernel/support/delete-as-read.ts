/** Deletes the entry on standard input in the current network namespace, as a deletion by filter does that has read it before. */
import { readFileSync } from 'node:fs';
import type { Entry } from '../../../src/domain/entry.ts';
import { fillView } from '../../../src/kernel/entries/entry-to-view.ts';
import { EntryView } from '../../../src/kernel/entries/entry-view.ts';
import { EntryDeleter } from '../../../src/kernel/netlink/entry-deleter.ts';

const view = new EntryView();
fillView(JSON.parse(readFileSync(0, 'utf8')) as Entry, view);
const deleter = new EntryDeleter();
deleter.add(view, undefined);
deleter.send();
const { deleted, gone, failure = null } = deleter;
deleter.close();
process.stdout.write(JSON.stringify({ deleted, gone, failure }));
