import { LabelNames } from '../application/ports/label-names.ts';
import { LABEL_MAX } from '../domain/entry-update.ts';
import { RootedTree } from './sources/rooted-tree.ts';

const PATH = '/etc/xtables/connlabel.conf';
const BYTES_MAX = 1_048_576;
const LINE = /^[ \t]*(\d+)[ \t]+(\S.*?)\s*$/;

/** The file from which conntrack(8) and iptables read the names of labels. */
export class ConnlabelFile extends LabelNames {
  readonly path = PATH;
  private readonly root: string;

  constructor(root: string) {
    super();
    this.root = root;
  }

  async read(): Promise<ReadonlyMap<string, number>> {
    return parseLabelNames((await new RootedTree(this.root).text(PATH, BYTES_MAX)) ?? '');
  }
}

/** A line has a number and a name; one that starts with `#` is a comment, and others are ignored. The first line of a name counts. */
export function parseLabelNames(text: string): ReadonlyMap<string, number> {
  const names = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, number = '', name] = line.startsWith('#') ? [] : (LINE.exec(line) ?? []);
    if (name !== undefined && Number(number) <= LABEL_MAX && !names.has(name)) names.set(name, Number(number));
  }
  return names;
}
