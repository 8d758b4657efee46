require('./without-cache.cjs');
require('tsx/cjs');
require('./local.ts');
