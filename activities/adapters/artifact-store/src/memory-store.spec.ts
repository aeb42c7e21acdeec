import { describeStores } from './artifact-store.conformance.js';
import { parseS3Uri } from './keys.js';
import { createMemoryStores, MemoryObjects } from './memory-store.js';

describeStores('stores in memory', () => {
  const objects = new MemoryObjects();
  return Promise.resolve({
    stores: createMemoryStores(objects),
    damage: (ref, content) => {
      objects.entries.set(parseS3Uri(ref.uri).key, { content, etag: '"damaged"' });
      return Promise.resolve();
    },
    remove: (ref) => {
      objects.entries.delete(parseS3Uri(ref.uri).key);
      return Promise.resolve();
    },
  });
});
