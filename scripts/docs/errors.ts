import { ERROR_CODES, ERRORS } from '../../src/domain/error-codes.ts';
import { table, withPart, type GeneratedDocument } from './generated-document.ts';

export const errors: GeneratedDocument = {
  file: 'docs/errors.md',
  source: 'src/domain/errors/*.ts',
  render: (current) => withPart(current, 'error codes', codes()),
};

function codes(): string {
  const rows = ERROR_CODES.map((code) => ({ code, ...ERRORS[code] })).sort((a, b) => a.status - b.status);
  return table(
    ['Code', 'Status', 'Meaning', 'What to do'],
    rows.map(({ code, status, meaning, remedy }) => [`\`${code}\``, String(status), meaning, remedy]),
  );
}
