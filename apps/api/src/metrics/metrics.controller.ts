import { Controller, Inject, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from '../common/http.js';
import { Route } from '../common/route.js';
import { PARTS, type ApiParts } from '../parts.js';

@ApiTags('health')
@Controller('metrics')
export class MetricsController {
  constructor(@Inject(PARTS) private readonly parts: ApiParts) {}

  @Route('GET', '', {
    summary: 'Metrics of this process for Prometheus',
    produces: ['text/plain; version=0.0.4; charset=utf-8'],
    errors: [],
  })
  async metrics(@Res() response: Response): Promise<void> {
    const text = await this.parts.metrics.text();
    response.setHeader('content-type', this.parts.metrics.contentType);
    response.end(text);
  }
}
