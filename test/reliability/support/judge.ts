import type { HostState } from './host.ts';

/** A row of the journal as the API tells it: what is needed to hold it against the host. */
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
  /** `unrecorded`: the host moved and no row names it. `contradiction`: a row, or its absence, says what the host does not bear out. */
  readonly kind: 'unrecorded' | 'contradiction';
  readonly what: string;
}

export interface Evidence {
  /** The host before the first of `rows`. */
  readonly origin: HostState;
  readonly host: HostState;
  /** All that the scenario added to the journal. Oldest first. */
  readonly rows: readonly Row[];
  /** Every text that each file ever held in an undisturbed run. Anything else is torn. */
  readonly known: readonly HostState[];
}

type Value = number | string | null;

/** Undone or never done; in the others the host has moved, if only in part. */
const LEFT_AS_BEFORE = ['recovered-unchanged', 'failed', 'not-effective'];
const DONE = ['applied', 'adjusted', 'recovered-applied'];

const TEMPORARY = /^(.*\/)\.(.+)\.[0-9a-f]{16}\.tmp$/;

/** Holds the record against the host. Nobody else was there: what was last observed must still be so. */
export function judge(evidence: Evidence): Finding[] {
  const isOurs = ({ kind, settings }: Row): boolean => kind !== 'drift' || settings.some(({ name }) => name in evidence.origin.settings);
  return [...judgeHost(evidence), ...evidence.rows.filter(isOurs).flatMap(judgeRow), ...judgeFiles(evidence)];
}

function judgeHost({ origin, host, rows }: Evidence): Finding[] {
  const told = rows.filter(({ kind }) => kind !== 'drift').flatMap(subjectsOf);
  return subjects(origin, host).flatMap((subject): Finding[] => {
    const now = valueOf(host, subject);
    const last = told.findLast((candidate) => candidate.subject === subject);
    if (last === undefined) {
      const before = valueOf(origin, subject);
      const accounted = now === before || told.some((candidate) => isTemporaryOf(candidate.subject, subject));
      return accounted ? [] : [{ kind: 'unrecorded', what: `${subject} was ${show(before)}, is ${show(now)}, and no row names it` }];
    }
    if (last.observed === undefined || last.observed === now) return [];
    return [
      { kind: 'contradiction', what: `change ${last.id} (${last.outcome}) says ${subject} is ${show(last.observed)}; it is ${show(now)}` },
    ];
  });
}

/** What a row says of itself must hold together. */
function judgeRow(row: Row): Finding[] {
  const named = subjectsOf(row);
  const contradiction = (what: string): Finding => ({ kind: 'contradiction', what: `change ${row.id} is ${row.outcome}: ${what}` });
  if (row.kind === 'drift')
    return [contradiction(`it blames an outsider for ${named.map(({ subject }) => subject).join(', ')}; there was none`)];
  if (row.outcome === 'pending') return [contradiction('it was left open by a service that says it is ready')];
  const unseen = named.filter(({ observed }) => observed === undefined);
  if (DONE.includes(row.outcome)) {
    const other = row.settings.filter(({ name, requested, after }) => after !== requested && name !== 'buckets');
    return [
      ...other.map(({ name, after }) => contradiction(`${name} was seen as ${show(after ?? null)}`)),
      ...unseen.map(({ subject }) => contradiction(`${subject} was not seen`)),
    ];
  }
  const moved = named.filter(({ before, observed }) => observed !== undefined && observed !== before);
  if (LEFT_AS_BEFORE.includes(row.outcome))
    return moved.map(({ subject, observed }) => contradiction(`${subject} was seen as ${show(observed ?? null)}`));
  return row.outcome === 'diverged' && moved.length + unseen.length === 0 ? [contradiction('all was seen as before')] : [];
}

/** A file holds one of the texts that it was given, never a part. */
function judgeFiles({ host, known }: Evidence): Finding[] {
  return Object.entries(host.files).flatMap(([path, content]): Finding[] => {
    if (TEMPORARY.test(path) || known.some(({ files }) => files[path] === content)) return [];
    return [{ kind: 'contradiction', what: `${path} holds what it was never given: ${show(content)}` }];
  });
}

interface Told {
  readonly id: number;
  readonly outcome: string;
  readonly subject: string;
  readonly before: Value;
  /** Absent where the row says that it could not be looked at. */
  readonly observed: Value | undefined;
}

function subjectsOf({ id, outcome, settings, files }: Row): Told[] {
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

/** No program takes it for configuration, and the next write of that file removes it. */
function isTemporaryOf(path: string, candidate: string): boolean {
  const [, directory = '', name = ''] = TEMPORARY.exec(candidate) ?? [];
  return `${directory}${name}` === path;
}

function show(value: Value): string {
  return value === null ? 'absent' : JSON.stringify(value);
}
