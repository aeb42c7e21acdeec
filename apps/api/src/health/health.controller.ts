import { Controller, Inject, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  healthSchema,
  readinessSchema,
  toVitrineError,
  type PartHealth,
  type Readiness,
} from '@vitrine/contracts';
import type { Response } from '../common/http.js';
import { Route } from '../common/route.js';
import { PARTS, type ApiParts } from '../parts.js';

@ApiTags('health')
@Controller()
export class HealthController {
  constructor(@Inject(PARTS) private readonly parts: ApiParts) {}

  @Route('GET', 'health', {
    summary: 'Say that this process is alive',
    response: healthSchema,
    errors: [],
    open: true,
  })
  health(): { status: 'ok'; version: string } {
    return { status: 'ok', version: this.parts.version };
  }

  @Route('GET', 'ready', {
    summary: 'Say whether Temporal and the store answer, and how fast',
    description: 'Answers 503 with the same document while one of them does not.',
    response: readinessSchema,
    errors: [],
  })
  async ready(@Res({ passthrough: true }) response: Response): Promise<Readiness> {
    const [temporal, s3] = await Promise.all([
      probe(() => this.parts.temporal.ping()),
      probe(this.parts.probeStorage),
    ]);
    const ready = temporal.ok && s3.ok;
    response.statusCode = ready ? 200 : 503;
    return { ready, temporal, s3 };
  }
}

async function probe(ask: () => Promise<void>): Promise<PartHealth> {
  const started = performance.now();
  const milliseconds = (): number => Math.round((performance.now() - started) * 10) / 10;
  try {
    await ask();
    return { ok: true, milliseconds: milliseconds() };
  } catch (error) {
    return { ok: false, milliseconds: milliseconds(), error: toVitrineError(error).toView() };
  }
}
