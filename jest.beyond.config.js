const { availableParallelism } = require('node:os');
const everything = require('./jest.config.js');
const BEYOND_COMMIT = require('./test/tiers/beyond-commit.cjs');

/** What `npm run test:all` runs after `npm test`: the files that are named in `test/tiers/beyond-commit.cjs`. */
module.exports = {
  ...everything,
  // They wait for processes and clocks even more than the others.
  maxWorkers: Math.ceil(availableParallelism() * 2.5),
  projects: everything.projects.flatMap((project) => {
    const files = BEYOND_COMMIT.filter((file) => file.startsWith(`${project.displayName}/`));
    return files.length === 0 ? [] : [{ ...project, testMatch: files.map((file) => `<rootDir>/test/${file}`) }];
  }),
};
