// In the place of zod's translations (jest.config.js).
module.exports = {};
