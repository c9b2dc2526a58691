// The product's own command line, in a process that a test can kill.
import '../../src/bin/import.ts';
