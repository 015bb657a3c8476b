import { Injectable } from '@nestjs/common';
import { ConntrackError, type FieldError } from '../../domain/conntrack-error.ts';
import { LABEL_MAX, type EntryUpdate } from '../../domain/entry-update.ts';
import { LabelNames } from '../ports/label-names.ts';

const FIELDS = ['labels', 'addLabels', 'removeLabels'] as const;

/** A label by number, or by its name on this host. */
export type LabelRef = number | string;

/** An update as a client requests it. */
export type RequestedUpdate = Omit<EntryUpdate, (typeof FIELDS)[number]> & {
  readonly [K in (typeof FIELDS)[number]]?: readonly LabelRef[];
};

/** Turns the names of labels into numbers. */
@Injectable()
export class ResolveLabels {
  constructor(private readonly names: LabelNames) {}

  /** @throws ConntrackError `INVALID_REQUEST` for an unknown name, and for a label that is both added and removed */
  async run(requested: RequestedUpdate): Promise<EntryUpdate> {
    const { mark, markMask, timeoutSeconds } = requested;
    const isNamed = FIELDS.some((field) => requested[field]?.some((label) => typeof label === 'string'));
    const names = isNamed ? await this.names.read() : new Map<string, number>();
    const resolved = FIELDS.flatMap((field) => {
      const labels = requested[field];
      return labels ? [[field, this.numbersOf(field, labels, names)] as const] : [];
    });
    const update: EntryUpdate = {
      ...(mark !== undefined && { mark }),
      ...(markMask !== undefined && { markMask }),
      ...(timeoutSeconds !== undefined && { timeoutSeconds }),
      ...Object.fromEntries(resolved),
    };
    const both = update.addLabels?.find((label) => update.removeLabels?.includes(label));
    if (both !== undefined) throw refused([{ field: 'removeLabels', expected: 'no label of addLabels', found: String(both) }]);
    return update;
  }

  private numbersOf(field: string, labels: readonly LabelRef[], names: ReadonlyMap<string, number>): readonly number[] {
    const expected = `numbers from 0 to ${LABEL_MAX}, or names in ${this.names.path}`;
    const found = labels.map((label) => ({ label, number: typeof label === 'number' ? label : names.get(label) }));
    const unknown = found.filter(({ number }) => number === undefined);
    if (unknown.length > 0) throw refused(unknown.map(({ label }) => ({ field, expected, found: String(label) })));
    return [...new Set(found.flatMap(({ number }) => number ?? []))].sort((one, other) => one - other);
  }
}

function refused(errors: readonly FieldError[]): ConntrackError {
  const sentences = errors.map(({ field, expected, found }) => `${field}: expected ${expected}, found ${found ?? ''}.`);
  return new ConntrackError('INVALID_REQUEST', sentences.join(' '), { errors });
}
