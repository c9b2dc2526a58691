import config from '../../jest.config.js';

const { globalSetup, globalTeardown, ...rest } = config;

/** The unit tests of the rules alone: no database, and the same random input for every mutant. @type {import('jest').Config} */
export default {
  ...rest,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/billing/**/*.test.ts'],
  setupFiles: ['<rootDir>/test/mutation/setup.ts'],
  testTimeout: 20_000,
};
