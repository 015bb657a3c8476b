import { FIELDS, type Field } from '../../src/domain/filter/fields.ts';
import { PROTOCOL_NAMES, STATE_NAMES, STATUS_NAMES } from '../../src/domain/filter/kernel-names.ts';
import { table, withPart, type GeneratedDocument } from './generated-document.ts';

export const filters: GeneratedDocument = {
  file: 'docs/filters.md',
  source: 'src/domain/filter/fields.ts or kernel-names.ts',
  render: (current) => withPart(withPart(current, 'fields', fields()), 'names', names()),
};

function fields(): string {
  return table(
    ['Field', 'Alias', 'Values', 'Meaning', 'Missing in'],
    FIELDS.map(({ name, alias, value, meaning, missing }) => [
      code(name),
      alias === undefined ? '' : code(alias),
      short(value),
      meaning,
      missing,
    ]),
  );
}

/** Without the list of names, which is generated separately. */
function short(value: Field['value']): string {
  return value.replace(/: .*/, '');
}

function names(): string {
  const lists = [
    ['States', STATE_NAMES, ' (TCP, then those that only SCTP and DCCP have)'],
    ['Statuses', STATUS_NAMES, ''],
    ['Protocols', PROTOCOL_NAMES, ', or any number from 0 to 255'],
  ] as const;
  return lists.map(([heading, all, end]) => `${heading}: ${all.map(code).join(', ')}${end}.`).join('\n\n');
}

function code(text: string): string {
  return `\`${text}\``;
}
