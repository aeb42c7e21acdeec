import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { loadPictures, type PictureOptions } from './pictures.js';

const folder = mkdtempSync(join(tmpdir(), 'vitrine-pictures-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const options: PictureOptions = { size: 8, channels: 3, patches: 2, classNames: ['a', 'b'], fit: 'stretch' };

/** A picture whose left half is red and whose right half is blue. */
const halves = (width = 32, height = 16) => {
  const data = Buffer.alloc(3 * width * height);
  for (let pixel = 0; pixel < width * height; pixel++)
    data[3 * pixel + (pixel % width < width / 2 ? 0 : 2)] = 255;
  return sharp(data, { raw: { width, height, channels: 3 } });
};

function file(name: string, content: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const channel = (pixels: Uint8Array, which: number) => [...pixels.subarray(which * 64, (which + 1) * 64)];

describe("a person's own pictures", () => {
  it('are taken as PNG and JPEG, at the size of the model, channels first', async () => {
    const png = file('a.png', await halves().png().toBuffer());
    const jpeg = file('b.jpg', await halves().jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer());
    const set = await loadPictures([png, jpeg], options);
    expect(set).toMatchObject({ count: 2, size: 8, channels: 3, names: ['a.png', 'b.jpg'] });
    const row = channel(set.pixels, 0).slice(0, 8);
    expect([row[0], row[7]]).toEqual([255, 0]);
    expect(channel(set.pixels, 1).every((value) => value < 5)).toBe(true);
    const lossy = [...set.pixels.subarray(192, 384)];
    lossy.forEach((value, at) => expect(Math.abs(value - (set.pixels[at] ?? 0))).toBeLessThan(12));
  });

  it('keep their middle when they are cropped, and turn as the camera says', async () => {
    const wide = file('wide.png', await halves(64, 16).png().toBuffer());
    const { pixels } = await loadPictures([wide], { ...options, fit: 'crop' });
    const red = channel(pixels, 0);
    expect([red[0], red[7]]).toEqual([255, 0]);
    const turned = file(
      'turned.jpg',
      await halves(32, 32).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
    );
    const upright = channel((await loadPictures([turned], options)).pixels, 0);
    expect(upright[3]).toBeGreaterThan(200);
    expect(upright[59]).toBeLessThan(50);
  });

  it('show white where they are transparent, and grey to a model of one channel', async () => {
    const clear = { width: 8, height: 8, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } as const;
    const path = file('clear.png', await sharp({ create: clear }).png().toBuffer());
    expect([...(await loadPictures([path], options)).pixels].every((value) => value === 255)).toBe(true);
    const grey = await loadPictures([path], { ...options, channels: 1 });
    expect(grey.pixels).toHaveLength(64);
    expect([...grey.pixels].every((value) => value === 255)).toBe(true);
  });

  it.each([
    [
      'whole.webp',
      (png: Buffer) => sharp(png).webp().toBuffer(),
      { expected: 'PNG or JPEG', actual: 'webp' },
    ],
    [
      'text.png',
      () => Promise.resolve(Buffer.from('no picture')),
      { actual: 'Input buffer contains unsupported image format' },
    ],
    [
      'small.png',
      (png: Buffer) => sharp(png).resize(1, 1).png().toBuffer(),
      { expected: 'at least 2 × 2 pixels, one a patch of the model', actual: '1 × 1 pixels' },
    ],
  ])('are refused by name when they are not what is taken: %s', async (name, make, details) => {
    const path = file(name, await make(await halves().png().toBuffer()));
    await expect(loadPictures([path], options)).rejects.toMatchObject({
      code: 'InvalidRequest',
      details: { where: path, ...details },
    });
  });

  it.each(['cut.png', 'cut.jpg'])('are refused when they end too early: %s', async (name) => {
    const noise = Buffer.from(Array.from({ length: 3 * 64 * 64 }, (_, i) => (i * 7919) % 251));
    const picture = sharp(noise, { raw: { width: 64, height: 64, channels: 3 } });
    const whole = await (name.endsWith('png') ? picture.png() : picture.jpeg()).toBuffer();
    const path = file(name, whole.subarray(0, whole.length / 2));
    await expect(loadPictures([path], options)).rejects.toMatchObject({
      message: 'A picture cannot be decoded.',
      details: { where: path },
    });
  });

  it('are refused when they are not there, and by a model that sees no colours', async () => {
    await expect(loadPictures([join(folder, 'none.png')], options)).rejects.toMatchObject({
      details: { actual: 'no such file' },
    });
    await expect(loadPictures([file('empty.jpg', Buffer.alloc(0))], options)).rejects.toMatchObject({
      code: 'InvalidRequest',
      details: { actual: 'an empty file' },
    });
    await expect(loadPictures([], { ...options, channels: 4 })).rejects.toMatchObject({
      code: 'ShapeMismatch',
    });
  });
});
