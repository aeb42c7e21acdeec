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

/** No parameters. */
const nothing = { '~standard': { version: 1, vendor: 'example', validate: (value) => ({ value }) } };

/** A file of safetensors that holds float32 arrays. */
function safetensors(arrays) {
  const header = {};
  let at = 0;
  for (const [name, { shape, data }] of Object.entries(arrays)) {
    header[name] = { dtype: 'F32', shape, data_offsets: [at, at + data.byteLength] };
    at += data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(text.length / 8) * 8;
  const file = new Uint8Array(8 + padded + at).fill(0x20, 8, 8 + padded);
  new DataView(file.buffer).setBigUint64(0, BigInt(padded), true);
  file.set(text, 8);
  at = 8 + padded;
  for (const { data } of Object.values(arrays)) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

export const vitrine = {
  interface: 1,
  models: {
    linear: {
      description: 'One linear layer on gray images of 8 × 8 pixels.',
      params: nothing,
      architecture: () => ({
        imageSize: 8,
        channels: 1,
        classes: 2,
        weights: { kernel: [64, 2], bias: [2] },
        logits: ({ tf, weights: { kernel, bias }, pixels }) =>
          tf.add(tf.matMul(tf.reshape(pixels, [-1, 64]), kernel), bias),
      }),
    },
  },
  datasets: {
    stripes: { description: 'Stripes.', load: ({ split }) => stripes(split === 'train' ? 64 : 20) },
  },
  stages: {
    fit: {
      description: 'The difference of the class means of the stripes, as weights of the model linear.',
      params: nothing,
      inputs: {},
      outputs: { weights: { type: 'weights' } },
      async run({ artifacts }) {
        const { pixels, labels } = stripes(64);
        const kernel = new Float32Array(64 * 2);
        for (let i = 0; i < pixels.length; i++) {
          const sign = labels[Math.floor(i / 64)] === 0 ? 1 : -1;
          // Small, so that probabilities are not 0 and 1, which would have no gradient.
          kernel[(i % 64) * 2] += (sign * pixels[i]) / 255 / 512;
          kernel[(i % 64) * 2 + 1] -= (sign * pixels[i]) / 255 / 512;
        }
        const bias = new Float32Array(2);
        const file = safetensors({ bias: { shape: [2], data: bias }, kernel: { shape: [64, 2], data: kernel } });
        return { outputs: { weights: await artifacts.put('weights', file) }, summary: {} };
      },
    },
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
