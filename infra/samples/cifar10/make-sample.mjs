// Makes the CIFAR-10 sample that ships with the project: contact sheets in lossless WebP and a manifest.
//
//   node make-sample.mjs <train.bin> <train.csv> <test.bin> <test.csv> <images per class>
//     Records in CIFAR-10's binary form (1 label byte, 3,072 pixel bytes, channels first) and, for each file, a CSV with
//     a header whose second column is the image's index in the official release. Takes all test images and, in the order
//     of the records, the first so many training images of each class.
//
//   node make-sample.mjs <cifar-10-batches-bin>
//     The official release. Makes the sample anew with exactly the images that manifest.json lists.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const folder = fileURLToPath(new URL('.', import.meta.url));
const SIZE = 32;
const PLANE = SIZE * SIZE;
const RECORD = 1 + 3 * PLANE;
/** 1,000 tiles of 32 x 32 on a page of 1,280 x 800 pixels. */
const COLUMNS = 40;
const ROWS = 25;
const CLASS_NAMES = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
];

/**
 * @typedef {{ index: number, bytes: Buffer }} Entry One record and its index in the official release.
 * @typedef {'train' | 'test'} Split
 */

/** @param {Buffer | string} content */
function sha256(content) {
  return createHash('sha256').update(content).digest('hex');
}

/**
 * @param {Buffer} content
 * @param {readonly number[]} indices
 * @returns {Entry[]}
 */
function entriesOf(content, indices) {
  if (content.length !== indices.length * RECORD)
    throw new Error(`expected ${indices.length} records of ${RECORD} bytes, got ${content.length} bytes`);
  return indices.map((index, i) => ({ index, bytes: content.subarray(i * RECORD, (i + 1) * RECORD) }));
}

/**
 * @param {string} records
 * @param {string} csv
 */
function readWithCsv(records, csv) {
  const rows = readFileSync(csv, 'utf8').trim().split('\n').slice(1);
  return entriesOf(
    readFileSync(records),
    rows.map((row) => Number(row.split(',')[1])),
  );
}

/**
 * @param {readonly Entry[]} entries
 * @param {number} perClass
 */
function firstOfEachClass(entries, perClass) {
  const taken = new Map();
  return entries.filter(({ bytes }) => {
    const label = bytes[0];
    taken.set(label, (taken.get(label) ?? 0) + 1);
    return taken.get(label) <= perClass;
  });
}

/** @param {string} official */
function readOfficial(official) {
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
  /** @param {Split} split @param {readonly string[]} files */
  const pick = (split, files) => {
    const content = Buffer.concat(files.map((file) => readFileSync(join(official, file))));
    const all = entriesOf(content, [...Array(content.length / RECORD).keys()]);
    return manifest.splits[split].indices.map((/** @type {number} */ index) => all[index]);
  };
  return {
    train: pick(
      'train',
      [1, 2, 3, 4, 5].map((batch) => `data_batch_${batch}.bin`),
    ),
    test: pick('test', ['test_batch.bin']),
  };
}

/** @param {readonly Entry[]} entries */
function drawSheet(entries) {
  const width = COLUMNS * SIZE;
  const data = Buffer.alloc(width * ROWS * SIZE * 3);
  for (const [tile, { bytes }] of entries.entries()) {
    const left = (tile % COLUMNS) * SIZE;
    const top = Math.floor(tile / COLUMNS) * SIZE;
    for (let i = 0; i < PLANE; i++) {
      const at = ((top + Math.floor(i / SIZE)) * width + left + (i % SIZE)) * 3;
      for (let channel = 0; channel < 3; channel++) data[at + channel] = bytes[1 + channel * PLANE + i];
    }
  }
  return sharp(data, { raw: { width, height: ROWS * SIZE, channels: 3 } })
    .webp({ lossless: true, quality: 100, effort: 6, exact: true })
    .toBuffer();
}

/**
 * @param {Split} split
 * @param {readonly Entry[]} entries
 */
async function writeSplit(split, entries) {
  /** @type {{ file: string, sha256: string }[]} */
  const sheets = [];
  for (let from = 0; from < entries.length; from += COLUMNS * ROWS) {
    const content = await drawSheet(entries.slice(from, from + COLUMNS * ROWS));
    const file = `${split}-${sheets.length + 1}.webp`;
    writeFileSync(join(folder, file), content);
    sheets.push({ file, sha256: sha256(content) });
    process.stdout.write(`${file}: ${content.length} bytes\n`);
  }
  return {
    count: entries.length,
    sha256: sha256(Buffer.concat(entries.map(({ bytes }) => bytes))),
    sheets,
    labels: entries.map(({ bytes }) => bytes[0]).join(''),
    indices: entries.map(({ index }) => index),
  };
}

const [first, trainCsv, test, testCsv, perClass] = process.argv.slice(2);
if (first === undefined || (trainCsv !== undefined && perClass === undefined)) {
  process.stderr.write('usage: see the head of make-sample.mjs\n');
  process.exit(2);
}
const chosen =
  trainCsv === undefined || test === undefined || testCsv === undefined
    ? readOfficial(first)
    : {
        train: firstOfEachClass(readWithCsv(first, trainCsv), Number(perClass)),
        test: readWithCsv(test, testCsv),
      };
const manifest = {
  format: 1,
  source: {
    name: 'CIFAR-10',
    authors: 'Alex Krizhevsky, Vinod Nair, Geoffrey Hinton',
    reference:
      'Alex Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", technical report, University of Toronto, 2009',
    home: 'https://www.cs.toronto.edu/~kriz/cifar.html',
  },
  classNames: CLASS_NAMES,
  tile: { size: SIZE, channels: 3, columns: COLUMNS, rows: ROWS },
  splits: { train: await writeSplit('train', chosen.train), test: await writeSplit('test', chosen.test) },
};
/** One line for each list of numbers: the file is read by people as well. */
const text = JSON.stringify(manifest, null, 2).replace(
  /\[\s+(\d[\d,\s]*\d)\s+\]/g,
  (_, numbers) => `[${numbers.replace(/\s+/g, '')}]`,
);
writeFileSync(join(folder, 'manifest.json'), `${text}\n`);
