import config from '../../jest.config.js';

const { globalSetup, globalTeardown, ...rest } = config;
/** Names of test files, separated by spaces, where not all are to run. */
const files = process.env.MUTATION_TESTS?.split(' ') ?? ['*'];

/** The unit tests of the rules alone: no database, and the same random input for every mutant. @type {import('jest').Config} */
export default {
  ...rest,
  rootDir: '../..',
  roots: ['<rootDir>/src/billing', '<rootDir>/test/billing'],
  testMatch: files.map((name) => `<rootDir>/test/billing/**/${name}.test.ts`),
  setupFiles: ['<rootDir>/test/mutation/setup.ts'],
  testTimeout: 20_000,
  watchman: false,
};
