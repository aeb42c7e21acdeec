import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { encodePng, pictureAddress } from './png.js';

const decode = async (png: Buffer): Promise<{ pixels: number[]; width: number; height: number }> => {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { pixels: [...data], width: info.width, height: info.height };
};

describe('a PNG', () => {
  it('is read by another program as the pixels that went in', async () => {
    const rgb = Uint8Array.from({ length: 5 * 4 * 3 }, (_, i) => (i * 41) % 256);
    expect(await decode(encodePng(rgb, 5))).toEqual({ pixels: [...rgb], width: 5, height: 4 });
  });

  it('of channels-first values interleaves them, clips and rounds', async () => {
    const values = Float32Array.from([0, 1, 2, -1, 0.5, 0.25, 0, 0, 1, 1, 0.75, 0]);
    const address = pictureAddress(values, 2);
    const [kind, base64 = ''] = address.split(',');
    expect(kind).toBe('data:image/png;base64');
    const { pixels } = await decode(Buffer.from(base64, 'base64'));
    expect(pixels).toEqual([0, 128, 255, 255, 64, 255, 255, 0, 191, 0, 0, 0]);
  });

  it('of one channel is grey', async () => {
    const address = pictureAddress(Float32Array.from([0, 0.2, 0.4, 1]), 2);
    const { pixels } = await decode(Buffer.from(address.split(',')[1] ?? '', 'base64'));
    expect(pixels).toEqual([0, 0, 0, 51, 51, 51, 102, 102, 102, 255, 255, 255]);
  });
});
