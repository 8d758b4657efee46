import { HOWTOS } from '../howto/all-howtos';
import { tryHowto } from '../howto/try-howto';
import { PlantedCopy } from '../long/planted-copy';
import { byTurns } from '../turn';

// All of them: npm run test:long -- howtos
test.each(byTurns(HOWTOS, 1))('$name touches few files of the product, and works', async (howto) => {
  const copy = PlantedCopy.make();
  try {
    const tried = await tryHowto(copy, howto);
    expect(tried.failure).toBeUndefined();
    expect(tried.product.length).toBeGreaterThan(0);
  } finally {
    copy.remove();
  }
});
