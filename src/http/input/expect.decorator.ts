import { ValidateBy, ValidateIf, type ValidationArguments } from 'class-validator';
import type { FieldError } from '../../domain/conntrack-error.ts';

/** One rule of a request field: what is expected, in words the caller reads, and the check for it. */
export function Expect(expected: string, check: (value: unknown) => boolean): PropertyDecorator {
  return ValidateBy({ name: 'expect', validator: { validate: check, defaultMessage: () => expected } });
}

/** Like {@link Expect} for a field whose parts are named one by one when they are wrong. */
export function ExpectEach(errorsOf: (field: string, value: unknown) => readonly FieldError[]): PropertyDecorator {
  const validate = (value: unknown, args?: ValidationArguments): boolean => errorsOf(args?.property ?? '', value).length === 0;
  // class-validator hands the context on only where there is a message.
  return ValidateBy({ name: 'expectEach', validator: { validate, defaultMessage: () => 'see each part' } }, { context: { errorsOf } });
}

/** The field may be left out. `null` is not left out. */
export function Optional(): PropertyDecorator {
  return ValidateIf((_object, value) => value !== undefined);
}
