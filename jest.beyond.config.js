const everything = require('./jest.config.js');
const BEYOND_COMMIT = require('./test/tiers/beyond-commit.cjs');

/** What `npm run test:all` runs after `npm test`: the files that are named in `test/tiers/beyond-commit.cjs`. */
module.exports = {
  ...everything,
  projects: everything.projects.flatMap((project) => {
    const files = BEYOND_COMMIT.filter((file) => file.startsWith(`${project.displayName}/`));
    return files.length === 0 ? [] : [{ ...project, testMatch: files.map((file) => `<rootDir>/test/${file}`) }];
  }),
};
