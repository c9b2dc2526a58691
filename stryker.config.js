// fewer runs of each property: every mutant runs them again
process.env.PROPERTY_RUNS = '15';
// a machine whose clocks are not UTC, and once left out a day, so that it is noticed when a rule goes by them
process.env.TZ = 'Pacific/Apia';

/** Mutation testing of the billing rules: see README.md. @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  mutate: ['src/billing/**/*.ts'],
  testRunner: 'jest',
  jest: { configFile: 'test/mutation/jest.config.js' },
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  plugins: ['@stryker-mutator/jest-runner', './test/mutation/ignore-messages.js'],
  ignorers: ['messages'],
  coverageAnalysis: 'perTest',
  // tables and patterns that are made once, when a file is loaded: each would run all tests anew
  ignoreStatic: true,
  concurrency: 2,
  // the modules of each run stay in the memory of its process
  maxTestRunnerReuse: 60,
  timeoutMS: 10_000,
  // the rules and their tests are all that is copied
  ignorePatterns: [
    '**',
    '!src/billing/**',
    '!test/billing/**',
    '!test/mutation/**',
    '!test/support/runs.ts',
    '!test/support/invoices/pictures.ts',
    '!test/data/*.json',
    '!jest.config.js',
    '!package.json',
  ],
  reporters: ['clear-text', 'json'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  jsonReporter: { fileName: process.env.MUTATION_REPORT ?? 'reports/mutation.json' },
  thresholds: { high: 95, low: 90, break: 90 },
};
