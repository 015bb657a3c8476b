import { Controller, Get, Header, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { RequiresScopeUnlessOpenMetrics } from '../access/access.decorator.ts';
import { CollectMetrics } from './collect-metrics.ts';
import { EXPOSITION } from './exposition.ts';
import { MetricsQueryDto } from './metrics-query.dto.ts';

const EXAMPLE = `# HELP node_nf_conntrack_entries Number of currently allocated flow entries for connection tracking.
# TYPE node_nf_conntrack_entries gauge
node_nf_conntrack_entries 212
# HELP conntrack_api_collector_success Whether the collector could read all of its values (1) or not (0). Values that could not be read have no series.
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
    summary: 'Get metrics for Prometheus',
    description:
      'Returns all metrics, listed in docs/metrics.md. Metrics that node_exporter has too use its names (`node_nf_conntrack_…`); those of the process are `process_…`; the others start with `conntrack_api_`. A value that ' +
      'cannot be read has no series, never a 0, and `conntrack_api_collector_success` is 0 for its collector. A scrape never walks the table. `collect[]` limits it to some collectors. ' +
      'Needs no token if the service runs with `--open-metrics`.',
  })
  @ApiResponse({
    status: 200,
    description: 'The metrics in the Prometheus text format, whatever `Accept` says.',
    content: { 'text/plain': { schema: { type: 'string' }, example: EXAMPLE } },
  })
  read(@Query() query: MetricsQueryDto): Promise<string> {
    return this.metrics.run(MetricsQueryDto.toCollectors(query));
  }
}
