const everything = require('../../jest.config.js');
const BEYOND_COMMIT = require('./beyond-commit.cjs');

/** What `npm test` runs, before each commit: everything but what is named in `beyond-commit.cjs`, at the effort of 0.1. */
module.exports = {
  ...everything,
  rootDir: everything.rootDir,
  projects: everything.projects.map((project) => ({
    ...project,
    testPathIgnorePatterns: ['/node_modules/', ...BEYOND_COMMIT.map((file) => `/test/${file.replaceAll('.', '\\.')}$`)],
  })),
};
