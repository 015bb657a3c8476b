import { Controller, Get, Header } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { RequiresScopeUnlessOpenMetrics } from '../access/access.decorator.ts';
import { CollectMetrics } from './collect-metrics.ts';
import { EXPOSITION } from './exposition.ts';

const EXAMPLE = `# HELP node_nf_conntrack_entries Number of currently allocated flow entries for connection tracking.
# TYPE node_nf_conntrack_entries gauge
node_nf_conntrack_entries 212
# HELP conntrack_api_collector_success Whether this part of the metrics could be read whole; what could not has no series.
# TYPE conntrack_api_collector_success gauge
conntrack_api_collector_success{collector="table"} 1
`;

@ApiTags('host')
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: CollectMetrics) {}

  @Get()
  @Header('content-type', EXPOSITION)
  @RequiresScopeUnlessOpenMetrics('table:read')
  @ApiOperation({
    operationId: 'readMetrics',
    summary: 'Everything that can be watched, for Prometheus',
    description:
      'Under node_exporter’s names what it has too (`node_nf_conntrack_…`), under `conntrack_api_…` the rest; docs/metrics.md lists them. What ' +
      'cannot be read has no series, never a 0, and `conntrack_api_collector_success` is 0 for its part. Never walks the table. ' +
      'Needs no token where the service was started with `--open-metrics`.',
  })
  @ApiResponse({
    status: 200,
    description: 'The metrics in Prometheus’ text format, whatever the request accepts.',
    content: { 'text/plain': { schema: { type: 'string' }, example: EXAMPLE } },
  })
  read(): Promise<string> {
    return this.metrics.run();
  }
}
