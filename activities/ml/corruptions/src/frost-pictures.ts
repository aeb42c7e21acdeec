import stored from './frost-pictures.json' with { type: 'json' };
import type { FrostPicture } from './corruption-image.js';

/** The five pictures of ice of the 32 × 32 set (a sixth is never drawn there). */
export const FROST_PICTURES: readonly FrostPicture[] = stored.pictures.map(({ width, height, rgb }) => ({
  width,
  height,
  rgb: Uint8Array.from(atob(rgb), (character) => character.charCodeAt(0)),
}));
