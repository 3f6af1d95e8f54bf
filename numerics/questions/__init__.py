"""The questions: a Problem in, a Result out; nothing is PROVED without the independent checker's word."""
