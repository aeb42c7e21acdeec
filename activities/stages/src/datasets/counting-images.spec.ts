import { describe, expect, it } from 'vitest';
import { syntheticDatasets } from '../testing/synthetic-images.js';
import { withGenerated } from './with-generated.js';

const datasets = withGenerated(syntheticDatasets);

describe('the data set of the counting task', () => {
  it('has as many red cells as its label says, and marks them', async () => {
    const set = await datasets.load('counting', 'test', 40);
    expect(set).toMatchObject({ count: 40, size: 6, channels: 3 });
    expect(set.classNames).toHaveLength(10);
    const masks = set.regions?.masks ?? new Uint8Array();
    for (let image = 0; image < set.count; image++)
      for (let at = 0, marked = 0; at < 36; at++) {
        const [red, green, blue] = [0, 1, 2].map((channel) => set.pixels[image * 108 + channel * 36 + at]);
        const isRed = red === 255 && green === 0 && blue === 0;
        marked += masks[image * 36 + at] ?? 0;
        expect(masks[image * 36 + at]).toBe(isRed ? 1 : 0);
        if (at === 35) expect(marked / 4).toBe(set.labels[image]);
      }
  });

  it('is the same each time, another for training, and a beginning of itself when limited', async () => {
    const [few, more, train] = await Promise.all([
      datasets.load('counting', 'test', 5),
      datasets.load('counting', 'test', 9),
      datasets.load('counting', 'train', 5),
    ]);
    expect([...more.pixels.subarray(0, few.pixels.length)]).toEqual([...few.pixels]);
    expect(train.sha256).not.toBe(few.sha256);
    expect((await datasets.load('counting', 'test', 5)).sha256).toBe(few.sha256);
  });

  it('leaves every other name to the readers', async () => {
    expect((await datasets.load('cifar10-sample', 'test', 3)).name).toBe('cifar10-sample');
  });
});
