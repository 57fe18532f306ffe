"""What is counted, how, and since when: one readable definition an indicator, one file a table of the grid."""
