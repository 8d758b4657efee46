import { archivePath, parseArchivePath } from '../../../lambdas/core/transparency/archive-path';
import { memoryLogs } from '../../doubles/transparency/memory-logs';
import { linesOf, publisherWorld, REGION } from './publisher-world';

const OBJECT = { hour: '2026-11-27T14', sha256: '0f'.repeat(32) };

it('the path of an archive object is read as it is written, and no other text is one', () => {
  expect(parseArchivePath(archivePath(OBJECT))).toEqual(OBJECT);
  const path = archivePath(OBJECT);
  const others = ['', `/${path}`, `${path}/`, `${path}.gz`, path.toUpperCase(), path.replace('T14', 'T1'), `${path}\n`];
  for (const other of [...others, path.replace('archive', 'index'), path.replace('2026-', '../26')]) {
    expect([other, parseArchivePath(other)]).toEqual([other, undefined]);
  }
});

it('a log in memory lists its archive page by page, in order, and reads what it lists', async () => {
  const world = publisherWorld();
  const hashes = [linesOf(0, 2), linesOf(2, 4), linesOf(4, 6)].map((lines) => world.archiveLines(lines));
  const log = memoryLogs({ [REGION]: { publisher: world.publisher(), read: () => undefined } }).of(REGION)!;
  const listed: string[] = [];
  for (;;) {
    const page = await log.page('archive/', listed.at(-1) ?? '', 2);
    listed.push(...page);
    if (page.length < 2) break;
  }
  expect(listed).toEqual(hashes.map((sha256) => archivePath({ hour: '2026-11-27T10', sha256 })).toSorted());
  for (const path of listed) await expect(log.files.read(path)).resolves.toBeDefined();
});
