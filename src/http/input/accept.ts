import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { printable } from './printable.ts';

interface MediaRange {
  readonly type: string;
  readonly quality: number;
}

/**
 * The offered media type with the highest quality in the `Accept` header (RFC 9110, 12.5.1). The most specific range applies to each type;
 * of equals, the first offered is chosen. `undefined` if none is acceptable.
 */
export function negotiate<T extends string>(accept: string | undefined, offered: readonly T[]): T | undefined {
  const ranges = (accept ?? '*/*').split(',').map(parseRange);
  const rated = offered.map((type) => ({ type, quality: qualityOf(type, ranges) })).filter(({ quality }) => quality > 0);
  return rated.reduce<(typeof rated)[number] | undefined>((best, next) => (best && best.quality >= next.quality ? best : next), undefined)
    ?.type;
}

function parseRange(text: string): MediaRange {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  return { type, quality: quality === undefined ? 1 : /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(quality) ? Number(quality) : 0 };
}

function qualityOf(type: string, ranges: readonly MediaRange[]): number {
  const general = `${type.split('/')[0] ?? ''}/*`;
  const bySpecificity = [type, general, '*/*'].map((wanted) => ranges.find((range) => range.type === wanted));
  return bySpecificity.find((range) => range !== undefined)?.quality ?? 0;
}

/** The media type of the response. @throws ConntrackError `NOT_ACCEPTABLE` */
export const Negotiated = createParamDecorator((offered: readonly string[], context: ExecutionContext): string => {
  const { accept } = context.switchToHttp().getRequest<FastifyRequest>().headers;
  const best = negotiate(accept, offered);
  if (best !== undefined) return best;
  throw new ConntrackError('NOT_ACCEPTABLE', `This is offered as ${offered.join(', ')}; the request accepts ${printable(accept ?? '')}.`, {
    remedy: `Send Accept: ${offered.join(' or Accept: ')}, or no Accept header for JSON.`,
  });
});
