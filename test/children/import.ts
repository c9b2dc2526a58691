// The product's own command line, in a process that a test may kill.
import '../../src/bin/import.ts';
