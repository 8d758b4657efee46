const everything = require('./jest.config.js');
const BEYOND_COMMIT = require('./test/tiers/beyond-commit.cjs');

/** What `npm test` runs, before each commit: everything but what is named in `test/tiers/beyond-commit.cjs`. */
module.exports = {
  ...everything,
  projects: everything.projects.map((project) => ({
    ...project,
    testPathIgnorePatterns: ['/node_modules/', ...BEYOND_COMMIT.map((file) => `/test/${file.replaceAll('.', '\\.')}$`)],
  })),
};
