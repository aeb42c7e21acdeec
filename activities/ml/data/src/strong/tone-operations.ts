/** Operations on the tones of an image, byte for byte those of Pillow's ImageOps, as timm's RandAugment calls them. */
import { clipByte, histogram, mapBytes, mapChannels, type ByteImage } from './byte-image.js';

const IDENTITY = Array.from({ length: 256 }, (_, byte) => byte);

/** Each channel stretched from its darkest and brightest byte to 0 … 255. */
export const autoContrast = (image: ByteImage): ByteImage =>
  mapChannels(image, (channel) => {
    const counts = histogram(channel);
    const low = counts.findIndex((count) => count > 0);
    const high = counts.findLastIndex((count) => count > 0);
    if (high <= low) return IDENTITY;
    const scale = 255 / (high - low);
    return IDENTITY.map((byte) => clipByte(Math.trunc(byte * scale - low * scale)));
  });

/** Each channel with about as many pixels of every tone. */
export const equalize = (image: ByteImage): ByteImage =>
  mapChannels(image, (channel) => {
    const counts = histogram(channel);
    const present = counts.filter((count) => count > 0);
    const step = Math.floor((channel.length - (present.at(-1) ?? 0)) / 255);
    if (present.length <= 1 || step === 0) return IDENTITY;
    let before = Math.floor(step / 2);
    return counts.map((count) => {
      const tone = Math.floor(before / step);
      before += count;
      return clipByte(tone);
    });
  });

export const invert = (image: ByteImage): ByteImage => mapBytes(image, (byte) => 255 - byte);

/** Bytes from the threshold on inverted. */
export const solarize = (image: ByteImage, threshold: number): ByteImage =>
  mapBytes(image, (byte) => (byte < threshold ? byte : 255 - byte));

/** Something added to the darker half. */
export const solarizeAdd = (image: ByteImage, add: number): ByteImage =>
  mapBytes(image, (byte) => (byte < 128 ? Math.min(255, byte + add) : byte));

/** The upper bits kept. */
export const posterize = (image: ByteImage, bits: number): ByteImage =>
  mapBytes(image, (byte) => (bits >= 8 ? byte : byte & ~(2 ** (8 - bits) - 1)));
