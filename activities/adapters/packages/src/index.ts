export { findPackaged, type Packaged, type PackagePlaces } from './installed.js';
export { findArchitecture, type FoundArchitecture } from './packaged-model.js';
export { imagesSchema, stagePackageSchema, type StagePackage } from './stage-package.js';
