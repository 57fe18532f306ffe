"""The published contract: complete, true to the program, read by nobody who should not, and never broken unawares."""
