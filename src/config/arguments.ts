import { InvalidArgumentError } from 'commander';
import { resolve } from 'node:path';
import { SCOPES, type Scope } from '../domain/token.ts';

export function toList(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
}

/** `all`, or names of scopes. @throws InvalidArgumentError for an unknown scope */
export function toScopes(text: string, separator: string): readonly Scope[] {
  if (text === 'all') return SCOPES;
  return text.split(separator).map((name) => {
    const scope = SCOPES.find((known) => known === name.trim());
    if (!scope) throw new InvalidArgumentError(`Unknown scope "${name}". Known: ${SCOPES.join(', ')}, all.`);
    return scope;
  });
}

export function toOrigins(text: string): readonly string[] {
  return toList(text).map((origin) => {
    const url = URL.canParse(origin) ? new URL(origin) : undefined;
    if (!url || !/^https?:$/.test(url.protocol) || url.origin !== origin.toLowerCase())
      throw new InvalidArgumentError(`Expected origins such as https://dashboard.example, found ${origin}.`);
    return url.origin;
  });
}

export function toRateLimit(text: string): number {
  const perSecond = Number(text);
  if (!/^\d{1,6}$/.test(text) || perSecond > 100_000) throw new InvalidArgumentError('Expected a whole number from 0 to 100000.');
  return perSecond;
}

export function toPath(text: string): string {
  return resolve(text);
}

export function toBoolean(text: string): boolean {
  if (text !== 'true' && text !== 'false') throw new InvalidArgumentError('Expected true or false.');
  return text === 'true';
}

export function toPort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError('Expected a port from 0 to 65535.');
  return port;
}

export function toSampleSeconds(text: string): number {
  const seconds = Number(text);
  if (!/^\d{1,4}$/.test(text) || seconds > 3_600) throw new InvalidArgumentError('Expected a whole number of seconds from 0 to 3600.');
  return seconds;
}
