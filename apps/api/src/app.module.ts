import {
  Inject,
  Logger,
  Module,
  StandardSchemaSerializerInterceptor,
  type DynamicModule,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { ArtifactsController } from './artifacts/artifacts.controller.js';
import { CacheController } from './cache/cache.controller.js';
import { ProblemFilter } from './common/problem.filter.js';
import { SchemaPipe } from './common/schema.pipe.js';
import { EventsController } from './events/events.controller.js';
import { HealthController } from './health/health.controller.js';
import { LineageController } from './lineage/lineage.controller.js';
import { MetricsController } from './metrics/metrics.controller.js';
import { PagesController } from './pages/pages.controller.js';
import { PARTS, type ApiParts } from './parts.js';
import { PlansController } from './plans/plans.controller.js';
import { PoolsController } from './pools/pools.controller.js';
import { PoolsService } from './pools/pools.service.js';
import { ApprovalController } from './runs/approval.controller.js';
import { RunsController } from './runs/runs.controller.js';
import { RunsService } from './runs/runs.service.js';
import { ModelsController } from './models/models.controller.js';
import { ModelsService } from './models/models.service.js';
import { SchedulesController } from './schedules/schedules.controller.js';
import { SchedulesService } from './schedules/schedules.service.js';
import { SweepsController } from './sweeps/sweeps.controller.js';
import { SweepsService } from './sweeps/sweeps.service.js';

@Module({})
export class AppModule implements OnApplicationShutdown {
  constructor(@Inject(PARTS) private readonly parts: ApiParts) {}

  async onApplicationShutdown(): Promise<void> {
    await this.parts.temporal.close();
  }

  static with(parts: ApiParts): DynamicModule {
    return {
      module: AppModule,
      controllers: [
        RunsController,
        ApprovalController,
        PlansController,
        EventsController,
        ArtifactsController,
        CacheController,
        LineageController,
        HealthController,
        MetricsController,
        PagesController,
        SweepsController,
        PoolsController,
        SchedulesController,
        ModelsController,
      ],
      providers: [
        { provide: PARTS, useValue: parts },
        { provide: Logger, useValue: new Logger('api') },
        RunsService,
        SweepsService,
        PoolsService,
        SchedulesService,
        ModelsService,
        { provide: APP_PIPE, useClass: SchemaPipe },
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_INTERCEPTOR, useClass: StandardSchemaSerializerInterceptor },
      ],
    };
  }
}
