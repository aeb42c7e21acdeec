import { Controller, Inject, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { EXPOSITION_TYPE } from '@vitrine/metrics';
import type { Response } from '../common/http.js';
import { Route } from '../common/route.js';
import { PARTS, type ApiParts } from '../parts.js';

@ApiTags('health')
@Controller('metrics')
export class MetricsController {
  constructor(@Inject(PARTS) private readonly parts: ApiParts) {}

  @Route('GET', '', {
    summary: 'Metrics of this process for Prometheus',
    produces: [EXPOSITION_TYPE],
    errors: [],
  })
  async metrics(@Res() response: Response): Promise<void> {
    const text = await this.parts.metrics.text();
    response.setHeader('content-type', EXPOSITION_TYPE);
    response.end(text);
  }
}
