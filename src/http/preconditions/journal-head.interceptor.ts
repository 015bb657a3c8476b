import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { tap, type Observable } from 'rxjs';
import { Journal } from '../../application/ports/journal.ts';
import { formatHead } from './journal-head.ts';

/** Gives the head of the journal to everybody who changes something: whoever cuts off records later does not have these copies. */
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
      // What has become of the change must be answered also where the journal can no longer be read.
    }
  }
}
