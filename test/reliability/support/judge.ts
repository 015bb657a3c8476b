import type { HostState } from './host.ts';

/** A change as the API returns it, with the fields that are compared with the host. */
export interface Row {
  readonly id: number;
  readonly kind: string;
  readonly outcome: string;
  readonly settings: readonly {
    readonly name: string;
    readonly before: number;
    readonly requested: number;
    readonly after?: number | null;
  }[];
  readonly files: readonly { readonly path: string; readonly before: string | null; readonly after?: string | null }[];
}

export interface Finding {
  /** `unrecorded`: the host changed and no journal entry names the change. `contradiction`: a journal entry, or a missing one, contradicts the host. */
  readonly kind: 'unrecorded' | 'contradiction';
  readonly what: string;
}

export interface Evidence {
  /** The host before the first of `rows`. */
  readonly origin: HostState;
  readonly host: HostState;
  /** Everything that the scenario added to the journal, oldest first. */
  readonly rows: readonly Row[];
  /** Every content of each file in an undisturbed run. Any other content is a partial write. */
  readonly known: readonly HostState[];
}

type Value = number | string | null;

/** Reverted or never applied. After the other outcomes the host has changed, at least in part. */
const LEFT_AS_BEFORE = ['recovered-unchanged', 'failed', 'not-effective'];
const DONE = ['applied', 'adjusted', 'recovered-applied'];

const TEMPORARY = /^(.*\/)\.(.+)\.[0-9a-f]{16}\.tmp$/;

/** Compares the journal with the host. There is no other writer, so the last observed values must still be present. */
export function judge(evidence: Evidence): Finding[] {
  const isRelevant = ({ kind, settings }: Row): boolean =>
    kind !== 'drift' || settings.some(({ name }) => name in evidence.origin.settings);
  return [...judgeHost(evidence), ...evidence.rows.filter(isRelevant).flatMap(judgeRow), ...judgeFiles(evidence)];
}

function judgeHost({ origin, host, rows }: Evidence): Finding[] {
  const recorded = rows.filter(({ kind }) => kind !== 'drift').flatMap(subjectsOf);
  return subjects(origin, host).flatMap((subject): Finding[] => {
    const now = valueOf(host, subject);
    const last = recorded.findLast((candidate) => candidate.subject === subject);
    if (last === undefined) {
      const before = valueOf(origin, subject);
      const accounted = now === before || recorded.some((candidate) => isTemporaryOf(candidate.subject, subject));
      return accounted ? [] : [{ kind: 'unrecorded', what: `${subject} was ${show(before)}, is ${show(now)}, and no change names it` }];
    }
    if (last.observed === undefined || last.observed === now) return [];
    return [
      {
        kind: 'contradiction',
        what: `change ${last.id} (${last.outcome}) recorded ${subject} as ${show(last.observed)}, but it is ${show(now)}`,
      },
    ];
  });
}

/** A journal entry must be consistent in itself. */
function judgeRow(row: Row): Finding[] {
  const named = subjectsOf(row);
  const contradiction = (what: string): Finding => ({ kind: 'contradiction', what: `change ${row.id} is ${row.outcome}: ${what}` });
  if (row.kind === 'drift')
    return [contradiction(`it attributes ${named.map(({ subject }) => subject).join(', ')} to another writer, but there was none`)];
  if (row.outcome === 'pending') return [contradiction('a service that reports ready left it open')];
  const unseen = named.filter(({ observed }) => observed === undefined);
  if (DONE.includes(row.outcome)) {
    const other = row.settings.filter(({ name, requested, after }) => after !== requested && name !== 'buckets');
    return [
      ...other.map(({ name, after }) => contradiction(`${name} was observed as ${show(after ?? null)}`)),
      ...unseen.map(({ subject }) => contradiction(`${subject} was not observed`)),
    ];
  }
  const changed = named.filter(({ before, observed }) => observed !== undefined && observed !== before);
  if (LEFT_AS_BEFORE.includes(row.outcome))
    return changed.map(({ subject, observed }) => contradiction(`${subject} was observed as ${show(observed ?? null)}`));
  return row.outcome === 'diverged' && changed.length + unseen.length === 0 ? [contradiction('everything was observed unchanged')] : [];
}

/** A file contains one of the contents that were written to it, never a part of one. */
function judgeFiles({ host, known }: Evidence): Finding[] {
  return Object.entries(host.files).flatMap(([path, content]): Finding[] => {
    if (TEMPORARY.test(path) || known.some(({ files }) => files[path] === content)) return [];
    return [{ kind: 'contradiction', what: `${path} has content that was never written to it: ${show(content)}` }];
  });
}

interface Recorded {
  readonly id: number;
  readonly outcome: string;
  readonly subject: string;
  readonly before: Value;
  /** Undefined if it could not be read. */
  readonly observed: Value | undefined;
}

function subjectsOf({ id, outcome, settings, files }: Row): Recorded[] {
  return [
    ...settings.map(({ name, before, after }) => ({ id, outcome, subject: name, before, observed: after ?? undefined })),
    ...files.map(({ path, before, after }) => ({ id, outcome, subject: path, before, observed: after })),
  ];
}

function subjects(...states: readonly HostState[]): string[] {
  return [...new Set(states.flatMap(({ settings, files }) => [...Object.keys(settings), ...Object.keys(files)]))];
}

function valueOf({ settings, files }: HostState, subject: string): Value {
  return settings[subject] ?? files[subject] ?? null;
}

/** No program reads a temporary file as configuration, and the next write of the file removes it. */
function isTemporaryOf(path: string, candidate: string): boolean {
  const [, directory = '', name = ''] = TEMPORARY.exec(candidate) ?? [];
  return `${directory}${name}` === path;
}

function show(value: Value): string {
  return value === null ? 'absent' : JSON.stringify(value);
}
