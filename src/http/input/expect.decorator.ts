import { ValidateBy, ValidateIf, type ValidationArguments } from 'class-validator';
import type { FieldError } from '../../domain/conntrack-error.ts';

/** The check of a request field. @param expected what the error message tells the client to send */
export function Expect(expected: string, check: (value: unknown) => boolean): PropertyDecorator {
  return ValidateBy({ name: 'expect', validator: { validate: check, defaultMessage: () => expected } });
}

/** Like {@link Expect}, for a field whose invalid parts are reported one by one. */
export function ExpectEach(errorsOf: (field: string, value: unknown) => readonly FieldError[]): PropertyDecorator {
  const validate = (value: unknown, args?: ValidationArguments): boolean => errorsOf(args?.property ?? '', value).length === 0;
  // class-validator passes the context on only if there is a message.
  return ValidateBy({ name: 'expectEach', validator: { validate, defaultMessage: () => 'see each part' } }, { context: { errorsOf } });
}

/** The field may be omitted. `null` is a value and does not count as omitted. */
export function Optional(): PropertyDecorator {
  return ValidateIf((_object, value) => value !== undefined);
}
