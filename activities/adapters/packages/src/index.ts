export { findPackaged, type Packaged, type PackagePlaces } from './installed.js';
export { imagesSchema, stagePackageSchema, type StagePackage } from './stage-package.js';
