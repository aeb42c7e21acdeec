export { findPackagedStage, installedStages, type PackagedStage, type PackagePlaces } from './installed.js';
export { stagePackageSchema, type StagePackage } from './stage-package.js';
