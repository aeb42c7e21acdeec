import { Controller, Inject, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { lineageSchema, sha256Schema, slugSchema, type Lineage } from '@vitrine/contracts';
import { z } from 'zod';
import { Route } from '../common/route.js';
import { PARTS, type ApiParts } from '../parts.js';
import { traceLineage } from './trace.js';

const artifactParamsSchema = z.strictObject({ project: slugSchema, sha256: sha256Schema });

@ApiTags('artifacts')
@Controller('api/v1/lineage')
export class LineageController {
  constructor(@Inject(PARTS) private readonly parts: ApiParts) {}

  @Route('GET', ':project/:sha256', {
    summary: 'Trace an artifact: what it was made from, and what was made of it',
    response: lineageSchema,
    errors: ['InvalidRequest', 'NotFound', 'StorageUnavailable'],
  })
  trace(
    @Param({ schema: artifactParamsSchema }) artifact: z.infer<typeof artifactParamsSchema>,
  ): Promise<Lineage> {
    return traceLineage(this.parts, artifact);
  }
}
