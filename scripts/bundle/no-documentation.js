// Stands in for @nestjs/swagger in the bundle: the service serves the document that openapi/openapi.yaml contains and does not generate one.
const decorator = () => () => undefined;

export {
  decorator as ApiBody,
  decorator as ApiCreatedResponse,
  decorator as ApiExcludeEndpoint,
  decorator as ApiExtension,
  decorator as ApiExtraModels,
  decorator as ApiHeader,
  decorator as ApiOkResponse,
  decorator as ApiOperation,
  decorator as ApiParam,
  decorator as ApiProperty,
  decorator as ApiPropertyOptional,
  decorator as ApiQuery,
  decorator as ApiResponse,
  decorator as ApiTags,
};

export const getSchemaPath = () => '';

/** Only documents of responses pick fields, and those are not validated. */
export const PickType = () => class {};
