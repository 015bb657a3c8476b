import type { JournalHead } from '../../application/ports/journal.ts';
import { currentValue, storedName } from './former-words.ts';

/** @throws Error for text that is not a time. An invalid Date would compare as neither earlier nor later. */
export function storedTime(text: string): Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw new Error(`expected a time, found ${JSON.stringify(text)}`);
  return time;
}

/** Reads the fields of a stored JSON object. Each method throws an Error with the field, the expected type and the value found. */
export class StoredObject {
  private readonly fields: Readonly<Record<string, unknown>>;
  private readonly where: string;

  constructor(value: unknown, where = '') {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unexpected(where, 'an object', value);
    this.fields = value as Record<string, unknown>;
    this.where = where;
  }

  names(): readonly string[] {
    return Object.keys(this.fields);
  }

  text(name: string): string {
    const value = this.field(name);
    if (typeof value !== 'string') throw unexpected(this.path(name), 'text', value);
    return value;
  }

  textOrNull(name: string): string | null {
    return this.field(name) === null ? null : this.text(name);
  }

  integer(name: string): number {
    const value = this.field(name);
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw unexpected(this.path(name), 'an integer', value);
    return value;
  }

  integerOrNull(name: string): number | null {
    return this.field(name) === null ? null : this.integer(name);
  }

  oneOf<T extends string>(name: string, known: readonly T[]): T {
    return among(this.path(name), currentValue(name, this.text(name)), known);
  }

  textsOf<T extends string>(name: string, known: readonly T[]): readonly T[] {
    return this.texts(name).map((text, index) => among(`${this.path(name)}[${index}]`, text, known));
  }

  optionalText(name: string): string | undefined {
    return this.has(name) ? this.text(name) : undefined;
  }

  /** Only the fields that exist. */
  optional<K extends string, V>(names: readonly K[], read: (name: K) => V): Partial<Record<K, V>> {
    const present = names.filter((name) => this.has(name));
    return Object.fromEntries(present.map((name) => [name, read(name)])) as Partial<Record<K, V>>;
  }

  flag(name: string): boolean {
    const value = this.field(name);
    if (typeof value !== 'boolean') throw unexpected(this.path(name), 'true or false', value);
    return value;
  }

  optionalFlag(name: string): boolean | undefined {
    return this.has(name) ? this.flag(name) : undefined;
  }

  object(name: string): StoredObject {
    return new StoredObject(this.field(name), this.path(name));
  }

  objectOrNull(name: string): StoredObject | null {
    return this.field(name) === null ? null : this.object(name);
  }

  optionalObject(name: string): StoredObject | undefined {
    return this.has(name) ? this.object(name) : undefined;
  }

  /** This object as a head of the journal. */
  head(): JournalHead {
    return { sequence: this.integer('sequence'), hash: this.text('hash') };
  }

  list(name: string): readonly StoredObject[] {
    return this.items(name).map((item, index) => new StoredObject(item, `${this.path(name)}[${index}]`));
  }

  texts(name: string): readonly string[] {
    return this.items(name).map((item, index) => {
      if (typeof item !== 'string') throw unexpected(`${this.path(name)}[${index}]`, 'text', item);
      return item;
    });
  }

  integers(name: string): readonly number[] {
    return this.items(name).map((item, index) => {
      if (!Number.isSafeInteger(item)) throw unexpected(`${this.path(name)}[${index}]`, 'an integer', item);
      return item as number;
    });
  }

  private items(name: string): readonly unknown[] {
    const value = this.field(name);
    if (!Array.isArray(value)) throw unexpected(this.path(name), 'a list', value);
    return value;
  }

  private has(name: string): boolean {
    return Object.hasOwn(this.fields, storedName(this.fields, name));
  }

  private field(name: string): unknown {
    return this.fields[storedName(this.fields, name)];
  }

  private path(name: string): string {
    return this.where === '' ? name : `${this.where}.${name}`;
  }
}

function among<T extends string>(where: string, text: string, known: readonly T[]): T {
  const found = known.find((candidate) => candidate === text);
  if (found === undefined) throw unexpected(where, `one of ${known.join(', ')}`, text);
  return found;
}

function unexpected(where: string, expected: string, found: unknown): Error {
  return new Error(`${where || 'content'}: expected ${expected}, found ${found === undefined ? 'nothing' : JSON.stringify(found)}`);
}
