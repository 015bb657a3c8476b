import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, getSchemaPath, type ApiResponseNoStatusOptions } from '@nestjs/swagger';
import type { ChangePlan } from '../../domain/change-plan.ts';
import type { ClosedChange } from '../../domain/change.ts';
import { changeResponse } from '../problem/change-response.ts';
import { ChangeDto } from '../documents/change.dto.ts';
import { DryRunDto } from '../documents/plan.dto.ts';
import type { Reader } from '../documents/withheld-entries.ts';
import type { ChangeOptionsDto } from './change-options.dto.ts';

/** A dry run returns the plan; any other request carries out the change and returns it. */
export async function planOrChange(
  reader: Reader,
  { dryRun = false }: Pick<ChangeOptionsDto, 'dryRun'>,
  preview: () => Promise<ChangePlan>,
  run: () => Promise<ClosedChange>,
): Promise<DryRunDto | ChangeDto> {
  return dryRun ? DryRunDto.ofPlan(await preview(), reader) : changeResponse(await run(), reader);
}

/** Documents the response of {@link planOrChange}. */
export function ApiPlanOrChange(description: string, headers: NonNullable<ApiResponseNoStatusOptions['headers']>): MethodDecorator {
  return applyDecorators(
    ApiExtraModels(ChangeDto, DryRunDto),
    ApiOkResponse({
      description: `${description} With \`dryRun\`: the plan.`,
      headers,
      schema: { oneOf: [{ $ref: getSchemaPath(ChangeDto) }, { $ref: getSchemaPath(DryRunDto) }] },
    }),
  );
}
