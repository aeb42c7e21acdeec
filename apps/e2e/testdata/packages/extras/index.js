/** Parameters `{ least }`, by the Standard Schema interface; a schema of zod has it as well. */
const params = {
  '~standard': {
    version: 1,
    vendor: 'example',
    validate: ({ least = 1, ...rest }) => {
      const unknown = Object.keys(rest);
      if (unknown.length > 0) return { issues: [{ message: `unknown field ${unknown.join(', ')}` }] };
      if (!Number.isInteger(least) || least < 1)
        return { issues: [{ message: `expected a whole number from 1, got ${least}`, path: ['least'] }] };
      return { value: { least } };
    },
  },
};

/** Images of 8 × 8 pixels, one class with rows, the other with columns. */
function stripes(count) {
  const size = 8;
  const pixels = new Uint8Array(count * size * size);
  const labels = new Uint8Array(count);
  for (let image = 0; image < count; image++) {
    labels[image] = image % 2;
    for (let i = 0; i < size * size; i++) {
      const line = labels[image] === 0 ? Math.floor(i / size) : i % size;
      pixels[image * size * size + i] = line % 2 === 0 ? 30 + (image % 50) : 200 - ((image * 7 + i) % 30);
    }
  }
  return { size, channels: 1, classNames: ['rows', 'columns'], pixels, labels };
}

export const vitrine = {
  interface: 1,
  datasets: {
    stripes: { description: 'Stripes.', load: ({ split }) => stripes(split === 'train' ? 64 : 20) },
  },
  stages: {
    count: {
      description: 'How often each word occurs.',
      params,
      inputs: { text: { type: 'file' } },
      outputs: { counts: { type: 'document', description: 'Numbers by word.' } },
      async run({ params: { least }, inputs, artifacts, report, log }) {
        const words = new TextDecoder().decode(await artifacts.get(inputs.text)).split(/\s+/).filter(Boolean);
        const counts = {};
        for (const [index, word] of words.entries()) {
          counts[word] = (counts[word] ?? 0) + 1;
          await report({ phase: 'count', step: index + 1, total: words.length, metrics: {} });
        }
        const kept = Object.fromEntries(Object.entries(counts).filter(([, count]) => count >= least));
        log('info', `kept ${Object.keys(kept).length} words`);
        const document = new TextEncoder().encode(JSON.stringify(kept));
        return { outputs: { counts: await artifacts.put('document', document) }, summary: { words: words.length } };
      },
    },
  },
};
