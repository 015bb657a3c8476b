import { Controller, Get, Res } from '@nestjs/common';
import { ApiExcludeEndpoint } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Open } from '../access/access.decorator.ts';
import { IgnoresQuery } from '../input/known-query.guard.ts';
import { PAGE, PAGE_DIRECTORY } from './page.ts';

@Controller()
export class PageController {
  @Get()
  @Open()
  // Programs that pass links on add parameters to them.
  @IgnoresQuery('*')
  @ApiExcludeEndpoint()
  page(@Res() reply: FastifyReply): void {
    reply.sendFile(PAGE, PAGE_DIRECTORY);
  }
}
