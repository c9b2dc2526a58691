import fc from 'fast-check';

// the same input for every mutant, without searching for the smallest failing one
fc.configureGlobal({ seed: 20_261_001, endOnFailure: true });
