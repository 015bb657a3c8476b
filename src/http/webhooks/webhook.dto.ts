import { ApiProperty } from '@nestjs/swagger';
import type { NewWebhook, WantedWebhook } from '../../application/ports/webhooks.ts';
import { WEBHOOK_STATES, WEBHOOK_URL_MAX_LENGTH, webhookState, type Webhook, type WebhookState } from '../../domain/webhooks/webhook.ts';
import { WEBHOOK_EVENT_TYPES, type WebhookEventType } from '../../domain/webhooks/webhook-event.ts';
import { ActorDto } from '../documents/changed-parts.dto.ts';
import { ResponseDto } from '../documents/response.dto.ts';
import { isListOf } from '../input/checks.ts';
import { Expect, Optional } from '../input/expect.decorator.ts';

const TYPES = ['io.conntrack-api.drift.detected', 'io.conntrack-api.finding.raised'];

export class CreateWebhookDto {
  @ApiProperty({
    maxLength: WEBHOOK_URL_MAX_LENGTH,
    description: 'URL that events are sent to with POST, `https:` or `http:`. Without user, password and fragment.',
    example: 'https://receiver.example/conntrack',
  })
  @Expect(
    `an https: or http: URL of at most ${String(WEBHOOK_URL_MAX_LENGTH)} printable ASCII characters, without user, password and fragment`,
    isWebhookUrl,
  )
  readonly url!: string;

  @ApiProperty({
    enum: [...WEBHOOK_EVENT_TYPES],
    isArray: true,
    required: false,
    uniqueItems: true,
    description: 'Types of the events to send. Default: all, including those of later versions.',
    example: TYPES,
  })
  @Expect(`a list, without repetition and not empty, of ${WEBHOOK_EVENT_TYPES.join(', ')}`, isTypeList)
  @Optional()
  readonly types?: readonly WebhookEventType[];

  static toWanted({ url, types = [] }: CreateWebhookDto): WantedWebhook {
    return { url, types };
  }
}

function isTypeList(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && isListOf(WEBHOOK_EVENT_TYPES)(value);
}

function isWebhookUrl(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > WEBHOOK_URL_MAX_LENGTH || !/^https?:\/\/[\x21-\x7e]+$/.test(value)) return false;
  if (!URL.canParse(value)) return false;
  const { username, password } = new URL(value);
  return username === '' && password === '' && !value.includes('#');
}

class WebhookFailureDto {
  @ApiProperty({ format: 'date-time', description: 'First attempt to send the event. RFC 3339, UTC.', example: '2026-11-27T05:59:12.431Z' })
  readonly since!: string;
  @ApiProperty({ type: 'integer', minimum: 1, description: 'Attempts so far.', example: 4 })
  readonly attempts!: number;
  @ApiProperty({ description: 'Why the last attempt failed.', example: 'status 503' })
  readonly error!: string;
  @ApiProperty({ format: 'date-time', description: 'Last attempt. RFC 3339, UTC.', example: '2026-11-27T05:59:20.431Z' })
  readonly at!: string;
  @ApiProperty({
    format: 'date-time',
    required: false,
    description: 'Next attempt. RFC 3339, UTC. Absent if the state is `dead`.',
    example: '2026-11-27T05:59:28.431Z',
  })
  readonly retryAt?: string;
}

export class WebhookDto extends ResponseDto {
  @ApiProperty({ description: 'Id of the webhook.', example: '9c41d27e0b5a' })
  readonly id!: string;
  @ApiProperty({ description: 'URL that events are sent to.', example: 'https://receiver.example/conntrack' })
  readonly url!: string;
  @ApiProperty({
    enum: [...WEBHOOK_EVENT_TYPES],
    isArray: true,
    description: 'Types of the events that are sent. Empty: all.',
    example: TYPES,
  })
  readonly types!: readonly WebhookEventType[];
  @ApiProperty({ format: 'date-time', description: 'When it was created. RFC 3339, UTC.', example: '2026-11-27T05:00:00.000Z' })
  readonly createdAt!: string;
  @ApiProperty({ type: () => ActorDto, description: 'Who created it.' })
  readonly createdBy!: ActorDto;
  @ApiProperty({
    enum: [...WEBHOOK_STATES],
    description:
      '`active`: the last event was delivered, or none was sent yet. `failing`: an event could not be delivered and is retried; later events wait. `dead`: it could not be delivered for a day, or the receiver returned 410. Nothing is sent until `POST /webhooks/{id}/resume`.',
    example: 'active',
  })
  readonly state!: WebhookState;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    description: 'Id of the last change that was delivered or is of no wanted type.',
    example: 7,
  })
  readonly lastChange!: number;
  @ApiProperty({
    type: 'string',
    format: 'date-time',
    nullable: true,
    description: 'Last delivery. RFC 3339, UTC. `null`: none yet.',
    example: '2026-11-27T05:59:12.902Z',
  })
  readonly deliveredAt!: string | null;
  @ApiProperty({
    type: () => WebhookFailureDto,
    required: false,
    description: 'The event that could not be delivered. Absent if the state is `active`.',
  })
  readonly failure?: WebhookFailureDto;

  static of(webhook: Webhook): WebhookDto {
    return toFields(webhook);
  }
}

export class CreatedWebhookDto extends WebhookDto {
  @ApiProperty({
    description: 'Key of the signatures, shown only in this response: base64 of 32 random bytes after `whsec_` (Standard Webhooks).',
    example: 'whsec_…',
  })
  readonly secret!: string;

  static ofNew({ webhook, secret }: NewWebhook): CreatedWebhookDto {
    return Object.assign(toFields(webhook), { secret });
  }
}

export class WebhookListDto extends ResponseDto {
  @ApiProperty({ type: () => WebhookDto, isArray: true, description: 'All webhooks, oldest first. At most 32.' })
  readonly items!: readonly WebhookDto[];

  static of(webhooks: readonly Webhook[]): WebhookListDto {
    return { items: webhooks.map((webhook) => WebhookDto.of(webhook)) };
  }
}

function toFields(webhook: Webhook): WebhookDto {
  const { id, url, types, createdAt, createdBy, progress } = webhook;
  const { failure, isDead } = progress;
  return {
    id,
    url,
    types,
    createdAt: createdAt.toISOString(),
    createdBy: { name: createdBy.name, tokenId: createdBy.tokenId, peer: createdBy.peer },
    state: webhookState(webhook),
    lastChange: progress.change,
    deliveredAt: progress.deliveredAt?.toISOString() ?? null,
    ...(failure && {
      failure: {
        since: failure.since.toISOString(),
        attempts: failure.attempts,
        error: failure.error,
        at: failure.at.toISOString(),
        ...(!isDead && { retryAt: failure.retryAt.toISOString() }),
      },
    }),
  };
}
