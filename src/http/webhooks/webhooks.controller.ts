import { Body, Controller, Delete, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { ManageWebhooks } from '../../application/webhooks/manage-webhooks.ts';
import type { Caller as CallerOf } from '../../domain/token.ts';
import { RequiresScope } from '../access/access.decorator.ts';
import { Caller } from '../access/caller.decorator.ts';
import { Problems } from '../openapi/problems.decorator.ts';
import { CreatedWebhookDto, CreateWebhookDto, WebhookDto, WebhookListDto } from './webhook.dto.ts';

const WEBHOOK_ID = { name: 'id', description: 'Id of the webhook.', example: '9c41d27e0b5a', schema: { type: 'string' } } as const;

/** The request log has who deleted or resumed which webhook. */
@ApiTags('webhooks')
@Controller('api/v1/webhooks')
export class WebhooksController {
  constructor(private readonly webhooks: ManageWebhooks) {}

  @Get()
  @RequiresScope('webhooks:admin')
  @ApiOperation({
    operationId: 'listWebhooks',
    summary: 'List webhooks',
    description: 'Returns every webhook with its state and the last error. Secrets are not shown.',
  })
  @ApiOkResponse({ type: WebhookListDto, description: 'All webhooks.' })
  @Problems('WEBHOOKS_UNAVAILABLE')
  list(): WebhookListDto {
    return WebhookListDto.of(this.webhooks.list());
  }

  @Post()
  @RequiresScope('webhooks:admin', 'changes:read', 'table:read')
  @ApiOperation({
    operationId: 'createWebhook',
    summary: 'Create a webhook',
    description:
      'Sends later events (changes, drift, findings) to a URL: at least once, in order, as CloudEvents 1.0 signed as Standard Webhooks specifies. The response has the secret, which is shown only here. ' +
      'Events contain what the scopes `changes:read` and `table:read` show, and no addresses of entries. Redirects are not followed. docs/webhooks.md documents each event.',
  })
  @ApiCreatedResponse({ type: CreatedWebhookDto, description: 'The webhook, with its secret.' })
  @Problems(
    'INVALID_REQUEST',
    'MALFORMED_JSON',
    'DUPLICATE_FIELD',
    'PAYLOAD_TOO_LARGE',
    'UNSUPPORTED_MEDIA_TYPE',
    'WEBHOOK_ADDRESS_NOT_ALLOWED',
    'TOO_MANY_WEBHOOKS',
    'WEBHOOKS_UNAVAILABLE',
    'JOURNAL_UNAVAILABLE',
  )
  create(@Body() body: CreateWebhookDto, @Caller() caller: CallerOf, @Req() { log }: FastifyRequest): CreatedWebhookDto {
    const created = this.webhooks.create(caller, CreateWebhookDto.toWanted(body));
    const { id, url } = created.webhook;
    // Other parts of the URL may be secret.
    log.info({ webhook: id, host: new URL(url).host, actor: caller.actor.name, tokenId: caller.actor.tokenId }, 'webhook created');
    return CreatedWebhookDto.ofNew(created);
  }

  @Get(':id')
  @RequiresScope('webhooks:admin')
  @ApiOperation({
    operationId: 'readWebhook',
    summary: 'Get a webhook',
    description: 'Returns one webhook with its state and the last error.',
  })
  @ApiParam(WEBHOOK_ID)
  @ApiOkResponse({ type: WebhookDto, description: 'The webhook.' })
  @Problems('WEBHOOK_NOT_FOUND', 'WEBHOOKS_UNAVAILABLE')
  read(@Param('id') id: string): WebhookDto {
    return WebhookDto.of(this.webhooks.get(id));
  }

  @Delete(':id')
  @RequiresScope('webhooks:admin')
  @ApiOperation({
    operationId: 'deleteWebhook',
    summary: 'Delete a webhook',
    description: 'Deletes a webhook and its secret. A request in flight may still arrive; no other follows.',
  })
  @ApiParam(WEBHOOK_ID)
  @ApiOkResponse({ type: WebhookDto, description: 'The webhook as it was.' })
  @Problems('WEBHOOK_NOT_FOUND', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE', 'WEBHOOKS_UNAVAILABLE')
  remove(@Param('id') id: string): WebhookDto {
    return WebhookDto.of(this.webhooks.remove(id));
  }

  @Post(':id/resume')
  @HttpCode(200)
  @RequiresScope('webhooks:admin')
  @ApiOperation({
    operationId: 'resumeWebhook',
    summary: 'Resume a webhook',
    description:
      'Sends the event that failed again at once, and then those that followed, also if the state was `dead`. A webhook that is `active` is not changed.',
  })
  @ApiParam(WEBHOOK_ID)
  @ApiOkResponse({ type: WebhookDto, description: 'The webhook.' })
  @Problems('WEBHOOK_NOT_FOUND', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE', 'WEBHOOKS_UNAVAILABLE')
  resume(@Param('id') id: string): WebhookDto {
    return WebhookDto.of(this.webhooks.resume(id));
  }
}
