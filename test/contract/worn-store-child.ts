import { createRequire } from 'node:module';
import { openDiskStore } from '../../local/database/disk-store';
import { giveToDynalite } from '../../local/database/level-modules';

interface Resources {
  attachResource: (this: object, resource: object) => void;
  detachResource: (this: object, resource: object) => void;
}

/** Counts abstract-level's own open objects, for every database of this process. */
function countResources(): () => number {
  const requireOfLevel = createRequire(createRequire(require.resolve('dynalite')).resolve('level'));
  const requireOfClassicLevel = createRequire(requireOfLevel.resolve('classic-level'));
  const { AbstractLevel } = requireOfClassicLevel('abstract-level') as { AbstractLevel: { prototype: Resources } };
  const { attachResource, detachResource } = AbstractLevel.prototype;
  let open = 0;
  AbstractLevel.prototype.attachResource = function (resource) {
    open += 1;
    attachResource.call(this, resource);
  };
  AbstractLevel.prototype.detachResource = function (resource) {
    open -= 1;
    detachResource.call(this, resource);
  };
  return () => open;
}

/**
 * The embedded database in a separate process, as its thread serves it, so that its memory can be measured alone. Arguments: the
 * database's directory, the socket's path. Answers every message with its memory after a collection.
 */
async function main(directory: string, socketPath: string): Promise<void> {
  const openIterators = countResources();
  giveToDynalite(await openDiskStore({ directory, onFailure: () => undefined }));
  const { default: dynalite } = await import('dynalite');
  dynalite({ createTableMs: 0 }).listen(socketPath, () => {
    process.send?.({ state: 'listening' });
  });
  process.on('message', () => {
    // Given by --expose-gc. Finalizers of native objects run between two collections.
    (globalThis as { gc?: () => void }).gc?.();
    setTimeout(() => {
      (globalThis as { gc?: () => void }).gc?.();
      const { heapUsed, external, rss } = process.memoryUsage();
      process.send?.({ openIterators: openIterators(), heapBytes: heapUsed + external, residentBytes: rss });
    }, 200);
  });
  process.on('disconnect', () => {
    process.exit(0);
  });
}

const [directory = '', socketPath = ''] = process.argv.slice(2);
void main(directory, socketPath);
