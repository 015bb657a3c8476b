import type { Json } from '../../domain/canonical-json.ts';
import { ON_DRIFT, type DesiredSetting, type DesiredState } from '../../domain/desired/desired-state.ts';
import type { ConfigurationForm } from './configuration-content.ts';
import type { StoredObject } from './stored-object.ts';

export const DESIRED: ConfigurationForm<DesiredState> = { kind: 'desired', encode, decode };

function encode({ settings, restoresPerDay }: DesiredState): Json {
  const encoded = Object.entries(settings).map(([name, { equals, atLeast, onDrift }]) => {
    return { name, ...(equals !== undefined && { equals }), ...(atLeast !== undefined && { atLeast }), onDrift };
  });
  return { settings: encoded, restoresPerDay };
}

function decode(stored: StoredObject): DesiredState {
  const settings = stored.list('settings').map((each) => [each.text('name'), decodeSetting(each)] as const);
  return { settings: Object.fromEntries(settings), restoresPerDay: stored.integer('restoresPerDay') };
}

function decodeSetting(stored: StoredObject): DesiredSetting {
  return { ...stored.optional(['equals', 'atLeast'], (name) => stored.integer(name)), onDrift: stored.oneOf('onDrift', ON_DRIFT) };
}
