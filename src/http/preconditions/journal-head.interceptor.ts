import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { tap, type Observable } from 'rxjs';
import { Journal } from '../../application/ports/journal.ts';
import { formatHead } from './journal-head.ts';

/** Sends the head of the journal to every client that changes something. These copies reveal records that are removed later. */
@Injectable()
export class JournalHeadInterceptor implements NestInterceptor {
  constructor(private readonly journal: Journal) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const addHead = (): void => {
      this.addHead(reply);
    };
    return next.handle().pipe(tap({ next: addHead, error: addHead }));
  }

  private addHead(reply: FastifyReply): void {
    try {
      reply.header('conntrack-journal-head', formatHead(this.journal.head()));
    } catch {
      // The outcome of the change must be sent even if the journal can no longer be read.
    }
  }
}
