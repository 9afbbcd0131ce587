"""One cure from end to end: look ahead on one batch, choose by short trainings, prove, write the change."""
