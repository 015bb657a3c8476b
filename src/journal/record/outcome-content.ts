import { OUTCOME_NAMES, type Failure, type Observation, type Outcome } from '../../domain/change.ts';
import { ERROR_CODES } from '../../domain/error-codes.ts';
import type { Json } from '../../domain/canonical-json.ts';
import { decodeDeleted, encodeDeleted } from './deletion-content.ts';
import { recordContent } from './record.ts';
import { decodeUpdated, encodeUpdated } from './update-content.ts';
import { storedTime, StoredObject } from './stored-object.ts';

/** The content of an outcome's record. `completedAt` is the time of the record and not repeated here. */
export function encodeOutcome(outcome: Outcome): string {
  const { deleted, updated, observed } = outcome;
  const { settings, files } = observed;
  return recordContent({
    outcome: outcome.outcome,
    observed: { settings, files },
    ...failuresOf(outcome),
    ...(deleted && { deleted: encodeDeleted(deleted) }),
    ...(updated && { updated: encodeUpdated(updated) }),
  });
}

function failuresOf(outcome: Outcome): Readonly<Record<string, Json>> {
  switch (outcome.outcome) {
    case 'failed':
    case 'not-effective':
      return { failure: encodeFailure(outcome.failure) };
    case 'restore-failed':
      return { failure: encodeFailure(outcome.failure), restoreFailure: encodeFailure(outcome.restoreFailure) };
    case 'diverged':
      return outcome.failure ? { failure: encodeFailure(outcome.failure) } : {};
    case 'applied':
    case 'adjusted':
    case 'recovered-applied':
    case 'recovered-unchanged':
      return {};
  }
}

function encodeFailure({ code, message, errno }: Failure): Json {
  return { code, message, ...(errno === undefined ? {} : { errno }) };
}

/** @throws Error with the name of a field that differs from what {@link encodeOutcome} writes */
export function decodeOutcome(content: string, recordedAt: string): Outcome {
  const stored = new StoredObject(JSON.parse(content));
  const deleted = stored.optionalObject('deleted');
  const updated = stored.optionalObject('updated');
  const failure = stored.optionalObject('failure');
  const common = {
    completedAt: storedTime(recordedAt),
    observed: decodeObservation(stored.object('observed')),
    ...(deleted && { deleted: decodeDeleted(deleted) }),
    ...(updated && { updated: decodeUpdated(updated) }),
  };
  const outcome = stored.oneOf('outcome', CLOSED_OUTCOMES);
  switch (outcome) {
    case 'failed':
    case 'not-effective':
      return { ...common, outcome, failure: decodeFailure(stored.object('failure')) };
    case 'restore-failed':
      return {
        ...common,
        outcome,
        failure: decodeFailure(stored.object('failure')),
        restoreFailure: decodeFailure(stored.object('restoreFailure')),
      };
    case 'diverged':
      return { ...common, outcome, ...(failure && { failure: decodeFailure(failure) }) };
    case 'applied':
    case 'adjusted':
    case 'recovered-applied':
    case 'recovered-unchanged':
      return { ...common, outcome };
  }
}

const CLOSED_OUTCOMES = OUTCOME_NAMES.filter((name) => name !== 'pending');

function decodeObservation(stored: StoredObject): Observation {
  const settings = stored.object('settings');
  const files = stored.object('files');
  return {
    settings: Object.fromEntries(settings.names().map((name) => [name, settings.integerOrNull(name)])),
    files: Object.fromEntries(files.names().map((path) => [path, files.textOrNull(path)])),
  };
}

function decodeFailure(stored: StoredObject): Failure {
  const errno = stored.optionalText('errno');
  return { code: stored.oneOf('code', ERROR_CODES), message: stored.text('message'), ...(errno === undefined ? {} : { errno }) };
}
